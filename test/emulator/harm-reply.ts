import type { Fault } from './faults.ts';
import { type Reply, errorReply, textReply } from './reply.ts';
import { type XmlElement, childElements } from './xml-node.ts';

const PAGE =
	'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Sign in</title><body><p>Sign in<br>please';
const ENTITY = /^(RecordType|Record|Property|File|QueryTemplate|Entity)$/;

/** The answer that a failure gives instead of carrying the request out, if it is one of that kind. */
export function replyInstead(faults: readonly Fault[]): Reply | undefined {
	for (const fault of faults) {
		if (fault.kind === 'html') return textReply(PAGE, 'text/html');
		if (fault.kind === 'status' && fault.html === true) {
			return textReply(PAGE, 'text/html', fault.status);
		}
		if (fault.kind === 'status') return errorReply(fault.status, 'Failure on purpose.');
		if (fault.kind === 'url-limit') return errorReply(fault.status, 'The request is too long.');
		if (fault.kind === 'redirect') {
			return { ...errorReply(302, 'Moved.'), headers: { Location: fault.location } };
		}
	}
	return undefined;
}

function withChecksum(root: XmlElement): void {
	for (const file of childElements(root, 'File')) {
		if (file.attributes.has('checksum')) file.attributes.set('checksum', '0'.repeat(128));
	}
}

function withoutLast(root: XmlElement): void {
	const last = childElements(root).findLast(({ name }) => ENTITY.test(name));
	if (last !== undefined) root.children.splice(root.children.indexOf(last), 1);
}

function harmDocument(root: XmlElement, fault: Fault): void {
	const entities = childElements(root).filter(({ name }) => ENTITY.test(name));
	switch (fault.kind) {
		case 'changed-etag':
			for (const query of childElements(root, 'Query')) query.attributes.set('etag', 'changed');
			break;
		case 'short-page':
			withoutLast(root);
			break;
		case 'wrong-checksum':
			withChecksum(root);
			break;
		case 'no-ids':
			for (const entity of entities) entity.attributes.delete('id');
			break;
		case 'string-id':
			entities[0]?.attributes.set('id', '3f2b9c1e-7a54-4a0c-9d0e-5d1f0a6b7c88');
			break;
		default:
	}
}

/** Changes a document as the failures say. */
export function harmReply({ content }: Reply, faults: readonly Fault[]): void {
	if (content.kind !== 'document') return;
	for (const fault of faults) harmDocument(content.root, fault);
}
