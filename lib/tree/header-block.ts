import { type BytePath, toText } from './byte-path.ts';
import { BLOCK_BYTES } from './tar-blocks.ts';

/** What one header block of a tar says: v7, ustar, GNU and pax have these fields in common. */
export interface HeaderBlock {
	/** One character; `'\0'` and `'0'` are files. */
	readonly type: string;
	readonly name: BytePath;
	readonly linkTarget: BytePath;
	/** Permission bits with setuid, setgid and sticky. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	/** Seconds since 1970. */
	readonly mtime: number;
}

/** What is wrong with a block, as the end of a sentence. */
export class HeaderProblem {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

const CHECKSUM = { start: 148, bytes: 8 };
const BLANK = 0x20;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
const NUMBERS = {
	mode: { start: 100, bytes: 8 },
	uid: { start: 108, bytes: 8 },
	gid: { start: 116, bytes: 8 },
	size: { start: 124, bytes: 12 },
	mtime: { start: 136, bytes: 12 },
} as const;

export function isZeroBlock(block: Buffer): boolean {
	return block.equals(ZEROS);
}

/** Text of a field up to its first zero byte. */
export function textField(block: Buffer, start: number, length: number): string {
	const end = block.indexOf(0, start);
	return block.toString('latin1', start, end < 0 || end > start + length ? start + length : end);
}

/**
 * Octal digits between blanks and zero bytes, or a number to the base of 256 whose first bit is set and
 * whose second is its sign. `undefined` for anything else, and for what JavaScript cannot count.
 */
function numberField(block: Buffer, start: number, bytes: number): number | undefined {
	const first = block[start] ?? 0;
	if ((first & 0x80) !== 0) return base256(block.subarray(start, start + bytes));
	const end = start + bytes;
	let at = start;
	let value = 0;
	const isBlank = (): boolean => block[at] === BLANK || block[at] === 0;
	while (at < end && isBlank()) at++;
	for (; at < end; at++) {
		const digit = (block[at] ?? 0) - 0x30;
		if (digit < 0 || digit > 7) break;
		value = value * 8 + digit;
	}
	while (at < end && isBlank()) at++;
	return at === end ? value : undefined;
}

function base256(field: Buffer): number | undefined {
	const bits = BigInt(`0x${field.toString('hex')}`);
	const width = BigInt(field.length * 8 - 1);
	const value = BigInt.asIntN(Number(width), bits);
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : undefined;
}

/** Some old programs took the bytes as signed numbers. */
function hasItsChecksum(block: Buffer): boolean {
	const wanted = numberField(block, CHECKSUM.start, CHECKSUM.bytes);
	const { start, bytes } = CHECKSUM;
	let sum = bytes * BLANK;
	for (let at = 0; at < start; at++) sum += block[at] ?? 0;
	for (let at = start + bytes; at < BLOCK_BYTES; at++) sum += block[at] ?? 0;
	if (sum === wanted) return true;
	let signed = sum;
	for (let at = 0; at < BLOCK_BYTES; at++) {
		const isCounted = at < start || at >= start + bytes;
		if (isCounted && (block[at] ?? 0) > 127) signed -= 256;
	}
	return signed === wanted;
}

/** Only ustar has a prefix there, GNU keeps times in its place. */
function nameOf(block: Buffer): BytePath {
	const name = textField(block, 0, 100);
	const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
	const prefix = isUstar ? textField(block, 345, 155) : '';
	return prefix === '' ? name : `${prefix}/${name}`;
}

/** Reads a block that is not all zeros. */
export function readHeaderBlock(block: Buffer): HeaderBlock | HeaderProblem {
	if (!hasItsChecksum(block)) return new HeaderProblem('a header has a wrong checksum');
	const name = nameOf(block);
	const numbers: Record<keyof typeof NUMBERS, number> = {
		mode: 0,
		uid: 0,
		gid: 0,
		size: 0,
		mtime: 0,
	};
	for (const key of ['mode', 'uid', 'gid', 'size', 'mtime'] as const) {
		const { start, bytes } = NUMBERS[key];
		const value = numberField(block, start, bytes);
		if (value === undefined || (value < 0 && key !== 'mtime')) {
			return new HeaderProblem(`'${toText(name)}' has no valid ${key}`);
		}
		numbers[key] = value;
	}
	return {
		...numbers,
		mode: numbers.mode & 0o7777,
		type: block.toString('latin1', 156, 157),
		name,
		linkTarget: textField(block, 157, 100),
	};
}
