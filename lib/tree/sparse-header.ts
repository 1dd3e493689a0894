import { EngineError } from '../core/index.ts';
import type { ByteReader } from './byte-reader.ts';
import { BLOCK_BYTES } from './tar-blocks.ts';
import { parsePaxNumber } from './pax-records.ts';
import { type SparseMap, checkedMap } from './sparse-map.ts';

/*
 * Reads the map of a sparse member in any of the four forms that GNU tar has written: `oldgnu` (type S,
 * the map in the header and in blocks after it), and pax 0.0, 0.1 (the map in records) and 1.0 (the map
 * before the content).
 */

/** Real size of a sparse file and where its stored bytes belong. */
export interface SparseInfo {
	readonly size: number;
	readonly map: SparseMap;
	/** Bytes of the member that the map itself took. */
	readonly mapBytes: number;
}

type Records = ReadonlyMap<string, string>;

/** As many numbers as an honest map of a few terabytes has, and as fit into memory. */
const NUMBERS_MAX = 400_000;
const NUMBER = /^\d{1,16}$/;

function damaged(): EngineError {
	return new EngineError('artifact_corrupt', 'The archive has a sparse file with a damaged map', {
		remedy: 'Use another copy of this archive.',
	});
}

function checked(numbers: readonly number[], size: number, stored: number): SparseMap {
	const map = checkedMap(numbers, size, stored);
	if (map === undefined) throw damaged();
	return map;
}

/** The name that the records give a sparse file. */
export function sparseName(records: Records): string | undefined {
	return records.get('GNU.sparse.name');
}

export function isSparse(records: Records): boolean {
	return [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
}

async function exactly(reader: ByteReader, bytes: number): Promise<Buffer> {
	const read = await reader.exactly(bytes);
	if (read.length === bytes) return read;
	throw new EngineError('artifact_truncated', 'The archive ends in the middle of a sparse file', {
		remedy: 'It was cut, for example by a broken transfer or a full disk. Use another copy.',
		details: { offset: reader.offset },
	});
}

/** Format 1.0: lines of decimal numbers, the first their count, padded to a block. */
async function readNumbers(
	reader: ByteReader,
	stored: number,
): Promise<{ numbers: number[]; mapBytes: number }> {
	const numbers: number[] = [];
	let rest = '';
	let mapBytes = 0;
	for (let expected = 1; numbers.length < expected;) {
		mapBytes += BLOCK_BYTES;
		if (mapBytes > stored) throw damaged();
		const lines = (rest + (await exactly(reader, BLOCK_BYTES)).toString('latin1')).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines.slice(0, expected === 1 ? lines.length : expected - numbers.length)) {
			if (!NUMBER.test(line)) throw damaged();
			numbers.push(Number(line));
			if (numbers.length === 1) expected = 1 + 2 * Number(line);
			if (expected > NUMBERS_MAX) throw damaged();
			if (numbers.length === expected) break;
		}
	}
	return { numbers: numbers.slice(1), mapBytes };
}

/** Formats of pax. `stored` is the size of the member in the archive. Throws `artifact_corrupt`. */
export async function readPaxSparse(
	records: Records,
	reader: ByteReader,
	stored: number,
): Promise<SparseInfo> {
	const text = records.get('GNU.sparse.realsize') ?? records.get('GNU.sparse.size');
	if (text === undefined) throw damaged();
	const size = parsePaxNumber(text);
	if (records.get('GNU.sparse.major') === '1' && records.get('GNU.sparse.minor') === '0') {
		const { numbers, mapBytes } = await readNumbers(reader, stored);
		return { size, map: checked(numbers, size, stored - mapBytes), mapBytes };
	}
	const list = records.get('GNU.sparse.map');
	const numbers =
		list === undefined
			? interleaved(records.get('GNU.sparse.offset'), records.get('GNU.sparse.numbytes'))
			: list.split(',').map(parsePaxNumber);
	return { size, map: checked(numbers, size, stored), mapBytes: 0 };
}

/** Format 0.0 repeats two records for each segment; `parsePax` has joined their values by commas. */
function interleaved(offsets: string | undefined, lengths: string | undefined): number[] {
	const [at, bytes] = [offsets, lengths].map((list) => list?.split(',').map(parsePaxNumber) ?? []);
	if (at === undefined || bytes === undefined || at.length !== bytes.length) throw damaged();
	return at.flatMap((offset, index) => [offset, bytes[index] ?? 0]);
}

const OLD_MAP = { offset: 386, entries: 4, isExtended: 482, size: 483 };
const OLD_EXTENSION = { offset: 0, entries: 21, isExtended: 504 };
const FIELD_BYTES = 12;

/** Octal, or the 95 lower bits of a field whose first bit is set. */
function oldNumber(block: Buffer, offset: number): number {
	const field = block.subarray(offset, offset + FIELD_BYTES);
	if (((field[0] ?? 0) & 0x80) !== 0) return Number(field.readBigUInt64BE(FIELD_BYTES - 8));
	const text = field.toString('latin1').replaceAll(/[\0 ]+/g, '');
	if (!/^[0-7]*$/.test(text)) throw damaged();
	return text === '' ? 0 : parseInt(text, 8);
}

/** Type S. The blocks after the header that continue the map are taken from the reader. */
export async function readOldSparse(
	header: Buffer,
	reader: ByteReader,
	stored: number,
): Promise<SparseInfo> {
	const numbers: number[] = [];
	let block = header;
	let place: typeof OLD_EXTENSION = OLD_MAP;
	for (;;) {
		for (let entry = 0; entry < place.entries; entry++) {
			const at = place.offset + entry * 2 * FIELD_BYTES;
			if (block[at] === 0) break;
			numbers.push(oldNumber(block, at), oldNumber(block, at + FIELD_BYTES));
		}
		if (numbers.length > NUMBERS_MAX) throw damaged();
		if ((block[place.isExtended] ?? 0) === 0) break;
		block = await exactly(reader, BLOCK_BYTES);
		place = OLD_EXTENSION;
	}
	const size = oldNumber(header, OLD_MAP.size);
	return { size, map: checked(numbers, size, stored), mapBytes: 0 };
}
