import {
	type ByteChunk,
	CHUNK_BYTES,
	SpareBuffers,
	recyclable,
	throwIfAborted,
} from '../core/index.ts';
import type { Entity } from './model.ts';
import { entityText } from './write-entity.ts';
import { xmlAttribute } from './write-xml.ts';
import type { Attributes } from './xml-element.ts';

export interface DocumentWriteOptions {
	/** Name of the root: `Entities` in files, `Insert` and `Update` in requests. */
	readonly root: string;
	readonly attributes?: Attributes;
	/** Default true. */
	readonly isPretty?: boolean;
	readonly signal: AbortSignal;
	/** The upload token of a File, in requests. */
	readonly uploadOf?: (entity: Entity) => string | undefined;
	/** Memory that is used again, for a reader that says when it is done with a chunk. */
	readonly spares?: SpareBuffers;
}

const UTF8_BYTES_PER_UNIT = 3;
/** A chunk and the entity that made it long enough; a single long text gets memory of its own. */
const USUAL_TEXT = 1.25 * CHUNK_BYTES;

/** For `spares`. */
export function documentBuffers(): SpareBuffers {
	return new SpareBuffers({ unitBytes: USUAL_TEXT * UTF8_BYTES_PER_UNIT, units: 16 });
}

function encoded(text: string, spares: SpareBuffers | undefined): ByteChunk {
	if (spares === undefined || text.length > USUAL_TEXT) return Buffer.from(text, 'utf8');
	const buffer = spares.take(text.length * UTF8_BYTES_PER_UNIT);
	return recyclable(buffer.subarray(0, buffer.write(text, 'utf8')), () => spares.give(buffer));
}

/**
 * A document of entities as UTF-8, made as it is read. Pretty printing adds white space between elements
 * only, where a reader knows it from a value. Throws `entity_unwritable`.
 */
export async function* writeDocument(
	entities: AsyncIterable<Entity> | Iterable<Entity>,
	{ root, attributes = {}, isPretty = true, signal, uploadOf, spares }: DocumentWriteOptions,
): AsyncGenerator<ByteChunk> {
	let text = `<${root}`;
	for (const [name, value] of Object.entries(attributes)) text += xmlAttribute(name, value);
	text += isPretty ? '>\n' : '>';
	for await (const entity of entities) {
		const upload = uploadOf?.(entity);
		const written = entityText(entity, { isPretty, ...(upload === undefined ? {} : { upload }) });
		text += isPretty ? `  ${written}\n` : written;
		if (text.length < CHUNK_BYTES) continue;
		throwIfAborted(signal);
		yield encoded(text, spares);
		text = '';
	}
	yield encoded(`${text}</${root}>${isPretty ? '\n' : ''}`, spares);
}
