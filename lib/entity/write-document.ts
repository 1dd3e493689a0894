import { CHUNK_BYTES, throwIfAborted } from '../core/index.ts';
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
}

/**
 * A document of entities as UTF-8, made as it is read. Pretty printing adds white space between elements
 * only, where a reader knows it from a value. Throws `entity_unwritable`.
 */
export async function* writeDocument(
	entities: AsyncIterable<Entity> | Iterable<Entity>,
	{ root, attributes = {}, isPretty = true, signal, uploadOf }: DocumentWriteOptions,
): AsyncGenerator<Uint8Array> {
	let text = `<${root}`;
	for (const [name, value] of Object.entries(attributes)) text += xmlAttribute(name, value);
	text += isPretty ? '>\n' : '>';
	for await (const entity of entities) {
		const upload = uploadOf?.(entity);
		const written = entityText(entity, { isPretty, ...(upload === undefined ? {} : { upload }) });
		text += isPretty ? `  ${written}\n` : written;
		if (text.length < CHUNK_BYTES) continue;
		throwIfAborted(signal);
		yield Buffer.from(text, 'utf8');
		text = '';
	}
	yield Buffer.from(`${text}</${root}>${isPretty ? '\n' : ''}`, 'utf8');
}
