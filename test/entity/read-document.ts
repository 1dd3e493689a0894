import { type Entity, EntityDocument, writeDocument } from '../../lib/entity/index.ts';

const signal = new AbortController().signal;

/** The bytes in pieces of `length`. */
export function* pieces(bytes: Uint8Array, length: number): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function* asSource(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield* chunks;
}

/** A document over text or bytes that come in pieces. */
export function documentOf(content: string | Uint8Array, length = 65_536): EntityDocument {
	const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
	return new EntityDocument(asSource(pieces(bytes, length)), { source: 'The document', signal });
}

/** The only entity of a document. */
export async function readOne(content: string): Promise<Entity> {
	const [entity] = await documentOf(content).all();
	if (entity === undefined) throw new Error('The document has no entity.');
	return entity;
}

/** The entities as a whole document. */
export async function documentText(
	entities: readonly Entity[],
	isPretty: boolean,
): Promise<string> {
	const chunks: Uint8Array[] = [];
	const written = writeDocument(entities, { root: 'Entities', isPretty, signal });
	for await (const chunk of written) chunks.push(chunk);
	return Buffer.concat(chunks).toString('utf8');
}
