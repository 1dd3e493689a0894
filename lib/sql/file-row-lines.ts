import { EngineError } from '../core/index.ts';
import type { RowReceiver } from './row-wire.ts';

/*
 * The rows of CaosDB's table of files as JSON lines: docs/format.md is the specification.
 */

const FORMAT = 'n8n-caosdb-files';
const VERSION = 1;
const PIECE_CHARACTERS = 256 * 1024;
/** A path has at most 255 characters, but nobody need rely on that. */
const LINE_MAX_CHARACTERS = 64 * 1024;

/** What the database says of one file. */
export interface FileRow {
	/** Of the entity. */
	readonly id: string;
	/** Below the file root, without a slash in front. */
	readonly path: string;
	/** Bytes; of a link, of what it leads to. */
	readonly size: number;
	/** 128 lower-case hex digits; absent where the database has none. */
	readonly sha512?: string;
}

const NULL_MARKER = 0xfb;
const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;

function unexpected(): EngineError {
	return new EngineError('internal', 'The server sent an unexpected row about files');
}

/** The values of a row of the text protocol. */
function cellsOf(source: Buffer, start: number, end: number): Array<string | null> {
	const cells: Array<string | null> = [];
	for (let at = start; at < end;) {
		const marker = source[at++] ?? NULL_MARKER;
		if (marker === NULL_MARKER) {
			cells.push(null);
			continue;
		}
		let length = marker;
		if (marker === TWO_BYTES) length = source.readUIntLE((at += 2) - 2, 2);
		else if (marker === THREE_BYTES) length = source.readUIntLE((at += 3) - 3, 3);
		else if (marker > NULL_MARKER) throw unexpected();
		cells.push(source.toString('utf8', at, at + length));
		at += length;
	}
	return cells;
}

/** Makes the lines of the rows that come from the server. */
export class FileRowLines implements RowReceiver {
	readonly #write: (bytes: Buffer) => void;
	#text: string;
	#rows = 0;

	/** `at`: when the snapshot was taken, ISO 8601. `write` gets the lines in pieces. */
	constructor(at: string, write: (bytes: Buffer) => void) {
		this.#write = write;
		this.#text = `${JSON.stringify({ format: FORMAT, version: VERSION, at })}\n`;
	}

	row(source: Buffer, start: number, end: number): void {
		const [id, path, size, hash] = cellsOf(source, start, end);
		if (typeof id !== 'string' || typeof path !== 'string') throw unexpected();
		const sha512 = typeof hash === 'string' && hash !== '' ? { sha512: hash } : {};
		this.#text += `${JSON.stringify({ id, path, size: Number(size ?? 0), ...sha512 })}\n`;
		this.#rows++;
		if (this.#text.length >= PIECE_CHARACTERS) this.#flush();
	}

	piece(): void {
		throw unexpected();
	}

	endRow(): void {
		throw unexpected();
	}

	/** After the last row. */
	end(): void {
		this.#text += `${JSON.stringify({ rows: this.#rows })}\n`;
		this.#flush();
	}

	#flush(): void {
		const bytes = Buffer.from(this.#text, 'utf8');
		this.#text = '';
		this.#write(bytes);
	}
}

function damaged(): EngineError {
	return new EngineError('artifact_corrupt', 'The list of the files in the database is damaged', {
		remedy: 'Use another copy of the backup set.',
	});
}

type Json = Readonly<Record<string, unknown>>;

function parseObject(line: string): Json {
	try {
		const value: unknown = JSON.parse(line);
		if (typeof value === 'object' && value !== null) return value as Json;
	} catch {
		// Said below.
	}
	throw damaged();
}

function parseRow({ id, path, size, sha512 }: Json): FileRow {
	if (typeof id !== 'string' || typeof path !== 'string' || typeof size !== 'number') {
		throw damaged();
	}
	return { id, path, size, ...(typeof sha512 === 'string' ? { sha512 } : {}) };
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	const decoder = new TextDecoder('utf8', { fatal: true });
	let rest = '';
	for await (const chunk of chunks) {
		const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = parts.pop() ?? '';
		if (rest.length > LINE_MAX_CHARACTERS) throw damaged();
		yield* parts;
	}
	if (rest !== '') throw damaged();
}

/** The rows of a list, read. */
export interface FileRows {
	/** When the snapshot was taken, as the server's clock said: milliseconds since 1970. */
	readonly at: number;
	readonly rows: AsyncGenerator<FileRow>;
}

/** Reads what `writeFileRows` has written. Throws `artifact_corrupt`, also while the rows are read. */
export async function readFileRows(chunks: AsyncIterable<Uint8Array>): Promise<FileRows> {
	const source = lines(chunks);
	const first = await source.next();
	if (first.done === true) throw damaged();
	const { format, version, at } = parseObject(first.value);
	const time = typeof at === 'string' ? Date.parse(at) : NaN;
	if (format !== FORMAT || version !== VERSION || Number.isNaN(time)) throw damaged();
	return { at: time, rows: rowsOf(source) };
}

async function* rowsOf(source: AsyncGenerator<string>): AsyncGenerator<FileRow> {
	let rows = 0;
	let announced: unknown;
	for await (const line of source) {
		if (announced !== undefined) throw damaged();
		const value = parseObject(line);
		if ('rows' in value) announced = value.rows;
		else {
			rows++;
			yield parseRow(value);
		}
	}
	if (announced !== rows) throw damaged();
}
