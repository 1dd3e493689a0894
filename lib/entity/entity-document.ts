import { EngineError, throwIfAborted } from '../core/index.ts';
import { DocumentDecoder } from './decode-text.ts';
import { ElementCutter } from './element-cutter.ts';
import type { Entity, Message } from './model.ts';
import { parseEntity, parseMessage, roleOf } from './parse-entity.ts';
import { type Attributes, NO_ATTRIBUTES, type XmlElement } from './xml-element.ts';

/** Bytes of one entity: far above the longest text that a server takes, and what memory bears. */
export const ENTITY_MAX_BYTES = 256 * 1024 * 1024;
/** Children of the root that are no entities: a server has fewer than ten, and they are all kept. */
const OTHERS_MAX = 10_000;

export interface DocumentOptions {
	/** How messages call the document, e.g. `The answer to GET Entity` or `caosdb_data.xml`. */
	readonly source: string;
	readonly signal: AbortSignal;
	/** Default 256 MiB. */
	readonly entityMaxBytes?: number;
	/** Makes an entity of an element; undefined when it is none. Default: all that it says. */
	readonly parse?: (element: XmlElement) => Entity | undefined;
}

/**
 * What the asking user may do is no part of the entity, and long; benchmarks and stylesheet leftovers are
 * the server's own business. None of them is ever sent back.
 */
function isLeftOut(name: string, depth: number): boolean {
	if (depth < 1) return false;
	return name === 'Permissions' || name === 'TransactionBenchmark' || name === 'noscript';
}

/**
 * A document of entities, read as it comes and only as far as its reader goes: a server's `Response`, the
 * `Entities` of the Python client, or any other root. Everything but the entities is complete once
 * `entities()` has ended.
 */
export class EntityDocument {
	/** Name and attributes of the root; '' and none before the first entity. */
	rootName = '';
	rootAttributes: Attributes = NO_ATTRIBUTES;
	/** What the server says about the whole. */
	readonly messages: Message[] = [];
	/** Other children of the root: `UserInfo`, `Query`, `stats`, … */
	readonly others: XmlElement[] = [];
	/** Bytes read so far. */
	bytes = 0;
	#sinceBoundary = 0;
	readonly #chunks: AsyncIterable<Uint8Array>;
	readonly #options: DocumentOptions;

	constructor(chunks: AsyncIterable<Uint8Array>, options: DocumentOptions) {
		this.#chunks = chunks;
		this.#options = options;
	}

	/**
	 * The entities in their order; may be called once. To come to its end is the proof that the document is
	 * whole. Throws `xml_invalid`, `limit_exceeded`, and what the bytes' source throws.
	 */
	async *entities(): AsyncGenerator<Entity> {
		const { source, signal } = this.#options;
		const decoder = new DocumentDecoder(source);
		const cutter = new ElementCutter(source, isLeftOut);
		for await (const chunk of this.#chunks) {
			throwIfAborted(signal);
			this.bytes += chunk.length;
			cutter.write(decoder.decode(chunk));
			yield* this.#sort(cutter, chunk.length);
		}
		cutter.write(decoder.end());
		cutter.close();
		yield* this.#sort(cutter, 0);
	}

	/** All entities at once, for documents that are known to be small. */
	async all(): Promise<Entity[]> {
		const found: Entity[] = [];
		for await (const entity of this.entities()) found.push(entity);
		return found;
	}

	*#sort(cutter: ElementCutter, bytes: number): Generator<Entity> {
		if (this.rootName === '' && cutter.root !== undefined) {
			this.rootName = cutter.root.name;
			this.rootAttributes = cutter.root.attributes;
		}
		const ready = cutter.take();
		this.#count(ready.length, bytes);
		const { parse = parseEntity } = this.#options;
		for (const element of ready) {
			if (roleOf(element.name) !== undefined) {
				const entity = parse(element);
				if (entity !== undefined) yield entity;
				continue;
			}
			const message = parseMessage(element);
			if (message === undefined) this.others.push(element);
			else this.messages.push(message);
		}
	}

	#count(boundaries: number, bytes: number): void {
		const { source, entityMaxBytes = ENTITY_MAX_BYTES } = this.#options;
		this.#sinceBoundary = boundaries > 0 ? 0 : this.#sinceBoundary + bytes;
		const isTooLarge = this.#sinceBoundary > entityMaxBytes;
		if (!isTooLarge && this.others.length + this.messages.length <= OTHERS_MAX) return;
		const what = isTooLarge
			? `an entity of more than ${entityMaxBytes} bytes`
			: `more than ${OTHERS_MAX} elements that are no entities`;
		throw new EngineError('limit_exceeded', `${source} has ${what}`, {
			remedy: 'No real document is like this. Do not trust it.',
			details: { limit: isTooLarge ? entityMaxBytes : OTHERS_MAX },
		});
	}
}
