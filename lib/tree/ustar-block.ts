import { Header } from 'tar';

import type { BytePath } from './byte-path.ts';
import type { MemberType } from './member.ts';
import { BLOCK_BYTES, SIZE_MAX } from './tar-blocks.ts';

/*
 * Header blocks by the package `tar`, which encodes one for each kind of member; what differs from
 * member to member is put into a copy: names as bytes, which it would re-encode, size and time. Encoding
 * each block by it took a tenth of the time of an archive of small files.
 */

export const NAME_BYTES = 100;
/** Seven octal digits. */
export const ID_MAX = 0o7777777;

const NAME_AT = 0;
const SIZE_AT = 124;
const MTIME_AT = 136;
const CHECKSUM_AT = 148;
const TYPE_AT = 156;
const LINK_AT = 157;
const NUMBER_DIGITS = 11;
const CHECKSUM_DIGITS = 6;
const DIGIT_ZERO = 0x30;
/** Trees have few owners and modes; a hostile one may have any number. */
const TEMPLATES_MAX = 256;

const TYPE_NAMES = {
	file: 'File',
	folder: 'Directory',
	symbolicLink: 'SymbolicLink',
	hardLink: 'Link',
} as const satisfies Readonly<Record<MemberType, string>>;

export interface UstarFields {
	readonly type: MemberType;
	/** In place of that of `type`, e.g. `x` of an extended header. */
	readonly code?: string;
	/** What is longer than its field is cut. */
	readonly name: BytePath;
	readonly linkTarget: BytePath;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	/** Seconds since 1970. */
	readonly mtime: number;
}

interface Template {
	readonly block: Buffer;
	/** Of its bytes, with blanks as the checksum and nothing in the fields that are put in. */
	readonly sum: number;
}

const templates = new Map<string, Template>();

function sumOf(block: Buffer): number {
	return block.reduce((sum, byte) => sum + byte, 0);
}

function newTemplate({ type, code, mode, uid, gid }: UstarFields): Template {
	const header = new Header({
		mode,
		uid: Math.min(uid, ID_MAX),
		gid: Math.min(gid, ID_MAX),
		type: TYPE_NAMES[type],
	});
	header.encode();
	const block = header.block ?? Buffer.alloc(BLOCK_BYTES);
	block.fill(0, SIZE_AT, CHECKSUM_AT);
	block.fill(' ', CHECKSUM_AT, TYPE_AT);
	if (code !== undefined) block.write(code, TYPE_AT, 'latin1');
	return { block, sum: sumOf(block) };
}

function templateFor(fields: UstarFields): Template {
	const { type, code = '', mode, uid, gid } = fields;
	const key = `${type}${code} ${mode} ${uid} ${gid}`;
	const known = templates.get(key);
	if (known !== undefined) return known;
	if (templates.size === TEMPLATES_MAX) templates.clear();
	const template = newTemplate(fields);
	templates.set(key, template);
	return template;
}

/** Returns the sum of what was written. */
function putText(block: Buffer, at: number, text: BytePath): number {
	const count = Math.min(text.length, NAME_BYTES);
	let sum = 0;
	for (let index = 0; index < count; index++) {
		const byte = text.charCodeAt(index);
		block[at + index] = byte;
		sum += byte;
	}
	return sum;
}

/** Octal digits with zeros before them; a zero byte follows. Returns the sum of what was written. */
function putOctal(block: Buffer, at: number, digits: number, value: number): number {
	let left = value;
	let sum = 0;
	for (let index = digits - 1; index >= 0; index--) {
		// No bit operation: a size may have more than 32 of them.
		const rest = Math.floor(left / 8);
		const digit = DIGIT_ZERO + left - rest * 8;
		block[at + index] = digit;
		sum += digit;
		left = rest;
	}
	return sum;
}

/** Writes a header block to `target` from `at` on; numbers beyond their fields are the largest they hold. */
export function putUstarBlock(target: Buffer, at: number, fields: UstarFields): void {
	const { name, linkTarget, size, mtime } = fields;
	const template = templateFor(fields);
	target.set(template.block, at);
	const sum =
		template.sum +
		putText(target, at + NAME_AT, name) +
		putText(target, at + LINK_AT, linkTarget) +
		putOctal(target, at + SIZE_AT, NUMBER_DIGITS, Math.min(size, SIZE_MAX)) +
		putOctal(target, at + MTIME_AT, NUMBER_DIGITS, Math.min(Math.max(mtime, 0), SIZE_MAX));
	putOctal(target, at + CHECKSUM_AT, CHECKSUM_DIGITS, sum);
	target[at + CHECKSUM_AT + CHECKSUM_DIGITS] = 0;
}
