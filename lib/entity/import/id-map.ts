import {
	closeSync,
	existsSync,
	fstatSync,
	fsync,
	fsyncSync,
	ftruncateSync,
	openSync,
	readSync,
	writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

import { CHUNK_BYTES, EngineError, fileError } from '../../core/index.ts';
import {
	type IdMapEntry,
	type IdMapLine,
	type IdMapPair,
	decodeLine,
	encodeEntry,
	entryOf,
} from './id-map-line.ts';
import type { ColumnStore } from './column-store.ts';
import { IdNumbers } from './id-numbers.ts';
import { integers, offsets } from './number-column.ts';

/*
 * Which entity of the target came of which one of the source: a file of JSON lines per pair of servers, the
 * first of which names the pair. Lines are appended, a later one about the same entity counts. What was not
 * written to the end when a run died has no line break and is cut off.
 */

const FORMAT = 'caosdb-id-map';
const SCHEMA_VERSION = 1;
/** An entry has a few hundred bytes. */
const LINE_MAX_BYTES = 1024 * 1024;
const LINE_BREAK = 0x0a;
const USUAL_LINE_BYTES = 512;
const NONE = -1;

/** An appended file with what is needed to find its lines in memory. */
export class IdMap {
	/** undefined: there is none, and none is made. */
	readonly #file: number | undefined;
	readonly #displayPath: string;
	readonly #sources = new IdNumbers();
	readonly #targets = new IdNumbers();
	/** By the number of the source: number of the target. */
	readonly #targetOf;
	readonly #lineStarts;
	/** By the number of the target: number of the source. */
	readonly #sourceOf;
	#length = 0;

	private constructor(file: number | undefined, displayPath: string, store?: ColumnStore) {
		this.#file = file;
		this.#displayPath = displayPath;
		this.#targetOf = integers(NONE, store);
		this.#lineStarts = offsets(store);
		this.#sourceOf = integers(NONE, store);
	}

	/**
	 * Opens the map; to write it, it is made when there is none. Throws `id_map_invalid`, and the path codes.
	 */
	static open(
		place: { readonly path: string; readonly displayPath: string },
		pair: IdMapPair,
		use: 'read' | 'write',
		store?: ColumnStore,
	): IdMap {
		const { path, displayPath } = place;
		if (use === 'read' && !existsSync(path)) return new IdMap(undefined, displayPath, store);
		const flags = use === 'read' ? 'r' : 'a+';
		const file = guard(displayPath, () => openSync(path, flags, 0o600));
		const map = new IdMap(file, displayPath, store);
		try {
			map.#load(pair, use);
			return map;
		} catch (error) {
			closeSync(file);
			throw error;
		}
	}

	/** Id on the target of a source's id. */
	targetOf(source: string): string | undefined {
		const number = this.#targetOf.get(this.#sources.find(source));
		return number === NONE ? undefined : this.#targets.id(number);
	}

	/** Id at the source of an id on the target. */
	sourceOf(target: string): string | undefined {
		const number = this.#sourceOf.get(this.#targets.find(target));
		return number === NONE ? undefined : this.#sources.id(number);
	}

	get(source: string): IdMapEntry | undefined {
		const number = this.#sources.find(source);
		if (this.#targetOf.get(number) === NONE) return undefined;
		return this.#entry(this.#parse(this.#lineAt(this.#lineStarts.get(number))));
	}

	/** All that is in the map now. */
	*sources(): Generator<string> {
		for (const [number] of this.#targetOf.entries()) yield this.#sources.id(number);
	}

	/** Appends and waits until it is on the disk. */
	async put(entries: readonly IdMapEntry[]): Promise<void> {
		await this.#append(
			entries.map((entry) => [encodeEntry(entry), entry.source, entry.target] as const),
		);
	}

	/** Forgets entities that are gone. */
	async remove(sources: readonly string[]): Promise<void> {
		await this.#append(
			sources.map((source) => [`${JSON.stringify({ s: source })}\n`, source, undefined] as const),
		);
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
	}

	#use<T>(work: (file: number) => T): T {
		const file = this.#file;
		if (file === undefined) throw new EngineError('internal', 'An id map that is read was written');
		return guard(this.#displayPath, () => work(file));
	}

	async #append(
		lines: ReadonlyArray<readonly [string, string, string | undefined]>,
	): Promise<void> {
		if (lines.length === 0) return;
		const bytes = Buffer.from(lines.map(([text]) => text).join(''), 'utf8');
		const file = this.#use((open) => {
			for (let done = 0; done < bytes.length;) done += writeSync(open, bytes, done);
			return open;
		});
		for (const [text, source, target] of lines) {
			this.#index(source, target, Buffer.byteLength(text));
		}
		// The thread goes on with other requests meanwhile.
		try {
			await promisify(fsync)(file);
		} catch (error) {
			throw fileError(error, this.#displayPath);
		}
	}

	#index(source: string, target: string | undefined, bytes: number): void {
		const number = this.#sources.of(source);
		const before = this.#targetOf.get(number);
		if (before !== NONE) this.#sourceOf.set(before, NONE);
		const targetNumber = target === undefined ? NONE : this.#targets.of(target);
		this.#targetOf.set(number, targetNumber);
		if (targetNumber !== NONE) this.#sourceOf.set(targetNumber, number);
		this.#lineStarts.set(number, this.#length);
		this.#length += bytes;
	}

	#lineAt(start: number): string {
		for (let bytes = USUAL_LINE_BYTES; ; bytes *= 2) {
			const buffer = Buffer.allocUnsafe(bytes);
			const read = this.#use((file) => readSync(file, buffer, 0, bytes, start));
			const end = buffer.subarray(0, read).indexOf(LINE_BREAK);
			if (end >= 0) return buffer.toString('utf8', 0, end);
			if (read < bytes) this.#fail('changed while it was in use');
		}
	}

	#load(pair: IdMapPair, use: 'read' | 'write'): void {
		const size = this.#use((file) => fstatSync(file).size);
		let isFirst = true;
		for (const line of this.#lines(size)) {
			if (isFirst) {
				this.#checkHead(line, pair);
				this.#length += line.length + 1;
				isFirst = false;
				continue;
			}
			const { s, t } = this.#parse(line.toString('utf8'));
			this.#index(s, t, line.length + 1);
		}
		if (use === 'read') return;
		if (this.#length < size) this.#use((file) => ftruncateSync(file, this.#length));
		if (!isFirst) return;
		const head = { format: FORMAT, schemaVersion: SCHEMA_VERSION, ...pair };
		const bytes = Buffer.from(`${JSON.stringify(head)}\n`, 'utf8');
		this.#use((file) => {
			writeSync(file, bytes);
			fsyncSync(file);
		});
		this.#length = bytes.length;
	}

	/** Whole lines; what follows the last line break is what a dead run left. */
	*#lines(size: number): Generator<Buffer> {
		let rest = Buffer.alloc(0);
		for (let at = 0; at < size;) {
			const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at));
			const start = at;
			const read = this.#use((file) => readSync(file, chunk, 0, chunk.length, start));
			if (read === 0) return;
			at += read;
			const fresh = chunk.subarray(0, read);
			const bytes = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
			let from = 0;
			for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK, from)) {
				yield bytes.subarray(from, end);
				from = end + 1;
			}
			rest = bytes.subarray(from);
			if (rest.length > LINE_MAX_BYTES) throw this.#invalid('has a line that is none of ours');
		}
	}

	#checkHead(line: Buffer, pair: IdMapPair): void {
		const head = this.#json(line.toString('utf8'));
		if (head['format'] !== FORMAT || head['schemaVersion'] !== SCHEMA_VERSION) {
			throw this.#invalid('is not an id map that this version reads');
		}
		if (head['source'] !== pair.source || head['target'] !== pair.target) {
			throw this.#invalid('is the id map of other servers');
		}
	}

	#json(text: string): Readonly<Record<string, unknown>> {
		try {
			const value: unknown = JSON.parse(text);
			if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
		} catch {
			// Said below.
		}
		throw this.#invalid('has a line that is not JSON');
	}

	#parse(text: string): IdMapLine {
		return decodeLine(this.#json(text)) ?? this.#fail('has a line that is no entry');
	}

	#entry(line: IdMapLine): IdMapEntry {
		return entryOf(line) ?? this.#fail('changed while it was in use');
	}

	#fail(reason: string): never {
		throw this.#invalid(reason);
	}

	#invalid(reason: string): EngineError {
		return new EngineError('id_map_invalid', `${this.#displayPath} ${reason}`, {
			remedy: 'Take a copy of the file from a backup, or choose another folder for id maps.',
			details: { path: this.#displayPath },
		});
	}
}

function guard<T>(displayPath: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw fileError(error, displayPath);
	}
}
