import { type Draft, readDraft } from './entity-reader.ts';
import { entityElement } from './entity-answer.ts';
import { type DirectoryEntities, insertFilesInDirectory } from './insert-files-in-dir.ts';
import { MESSAGES, type Message, messageElement } from './messages.ts';
import { MultipartError, boundaryOf, readParts } from './multipart.ts';
import {
	HttpError,
	type Reply,
	type Request,
	type RequestBody,
	documentReply,
	responseRoot,
} from './reply.ts';
import type { ServerState } from './server-state.ts';
import { type WriteRequest, type WriteResult, insert, remove, update } from './transactions.ts';
import { type XmlElement, childElements, element } from './xml-node.ts';
import { XmlSyntaxError, parseXml } from './xml-reader.ts';

/** Says why an entity is refused on purpose. */
export type Refuse = (draft: Draft) => Message | undefined;

/** The name of the form field that holds the document of a multipart request. */
const DOCUMENT_FIELD = 'FileRepresentation';

function readBody({ body, contentType }: Request): RequestBody {
	const boundary = boundaryOf(contentType);
	if (boundary === null) return { xml: body.toString('utf8'), parts: [] };
	const [first, ...parts] = readParts(body, boundary);
	const type = first?.contentType.toLowerCase().replaceAll(' ', '');
	if (first?.name !== DOCUMENT_FIELD || type !== 'text/plain;charset=utf-8') {
		throw new HttpError(418, `The first part is to be "${DOCUMENT_FIELD}" of type text/plain.`);
	}
	return { xml: first.content.toString('utf8'), parts };
}

function readRequest(request: Request, refuse: Refuse): WriteRequest {
	const { flags, actor } = request;
	try {
		const { xml, parts } = readBody(request);
		return {
			drafts: childElements(parseXml(xml)).map(readDraft),
			parts,
			actor,
			isStrict: flags.get('strict')?.toLowerCase() === 'true',
			isNameUnique: flags.get('uniquename')?.toLowerCase() === 'true',
			missingObligatory: flags.get('force-missing-obligatory')?.toLowerCase() ?? 'error',
			refuse,
		};
	} catch (error) {
		if (error instanceof XmlSyntaxError || error instanceof MultipartError) {
			throw new HttpError(400, error.message);
		}
		throw error;
	}
}

function writeReply(result: WriteResult, state: ServerState, { actor, flags }: Request): Reply {
	const { isDone, pending } = result;
	const options = { actor, withAcl: flags.has('ACL'), withHistory: flags.has('H') };
	const elements = pending.map(({ draft, entity, messages }) => {
		const stored = isDone ? state.store.head(entity.id) : undefined;
		const shown = stored === undefined ? draft.element : entityElement(stored, state, options);
		if (draft.cuid !== null) shown.attributes.set('cuid', draft.cuid);
		const told = messages.map(messageElement);
		return { ...shown, children: [...shown.children, ...told] };
	});
	const errors = isDone ? [] : [messageElement(MESSAGES.notQualified)];
	return documentReply(responseRoot(actor, [...errors, ...elements], { count: elements.length }));
}

function directoryReply({ entities, errors }: DirectoryEntities, request: Request): Reply {
	const elements: XmlElement[] = [...errors.map(messageElement), ...entities];
	return documentReply(responseRoot(request.actor, elements, { count: entities.length }));
}

/** What `InsertFilesInDir` would do (GET) or does (POST). */
export async function filesInDirectory(
	options: string,
	state: ServerState,
	request: Request,
): Promise<Reply> {
	const isDryRun = request.method === 'GET';
	const found = await insertFilesInDirectory(options, state, { actor: request.actor, isDryRun });
	return directoryReply(found, request);
}

export async function insertEntities(
	state: ServerState,
	request: Request,
	refuse: Refuse,
): Promise<Reply> {
	return writeReply(await insert(state, readRequest(request, refuse)), state, request);
}

export async function updateEntities(
	state: ServerState,
	request: Request,
	refuse: Refuse,
): Promise<Reply> {
	return writeReply(await update(state, readRequest(request, refuse)), state, request);
}

export async function deleteEntities(
	keys: readonly string[],
	state: ServerState,
	{ actor }: Request,
): Promise<Reply> {
	const shown = new Map<string, XmlElement>();
	for (const key of keys) {
		for (const entity of [state.store.head(key) ?? state.store.named(key)].flat()) {
			const options = { actor, withAcl: false, withHistory: false };
			shown.set(entity.id, entityElement(entity, state, options));
		}
	}
	const { isDone, items } = await remove(state, keys, actor);
	const elements = items.map(({ key, entity, message }) => {
		const attributes = /^-?\d+$/.test(key) ? { id: key } : { name: key };
		const known = entity === undefined ? undefined : shown.get(entity.id);
		const answer = known ?? element('Entity', attributes);
		const told = isDone || message.kind === 'Error' ? [messageElement(message)] : [];
		return { ...answer, children: [...answer.children, ...told] };
	});
	const errors = isDone ? [] : [messageElement(MESSAGES.notQualified)];
	return documentReply(responseRoot(actor, [...errors, ...elements], { count: elements.length }));
}
