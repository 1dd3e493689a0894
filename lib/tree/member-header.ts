import { Header } from 'tar';

import { toBuffer } from './byte-path.ts';
import type { Member, MemberType } from './member.ts';
import { encodePax, encodePaxTime } from './pax-records.ts';
import { type SparseMap, encodeSparseMap, storedBytes } from './sparse-map.ts';
import { BLOCK_BYTES, SIZE_MAX, paddingOf } from './tar-blocks.ts';

/*
 * A member's header blocks: ustar where it can say everything, preceded by a pax header where it
 * cannot. Numbers and checksums are encoded by the package `tar`; names are put in as bytes, which it
 * would re-encode.
 */

const NAME_FIELD = { offset: 0, length: 100 };
const LINK_FIELD = { offset: 157, length: 100 };
const CHECKSUM_FIELD = { offset: 148, length: 8 };
/** Seven octal digits. */
const ID_MAX = 0o7777777;
const NANOSECONDS = 1_000_000_000n;
const NOTHING = Buffer.alloc(0);

const TYPE_NAMES = {
	file: 'File',
	folder: 'Directory',
	symbolicLink: 'SymbolicLink',
	hardLink: 'Link',
} as const satisfies Readonly<Record<MemberType, string>>;

function writeChecksum(block: Buffer): void {
	const { offset, length } = CHECKSUM_FIELD;
	block.fill(0x20, offset, offset + length);
	// A loop: this runs for every member, and `reduce` costs several times as much.
	let sum = 0;
	for (let at = 0; at < BLOCK_BYTES; at++) sum += block[at] ?? 0;
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset, 'latin1');
}

function writeName(block: Buffer, field: typeof NAME_FIELD, name: string): void {
	block.fill(0, field.offset, field.offset + field.length);
	toBuffer(name).copy(block, field.offset, 0, field.length);
}

function ustarBlock(member: Member, type: 'File' | 'Directory' | 'SymbolicLink' | 'Link'): Buffer {
	const seconds = member.mtime / NANOSECONDS;
	const header = new Header({
		mode: member.mode,
		uid: Math.min(member.uid, ID_MAX),
		gid: Math.min(member.gid, ID_MAX),
		size: Math.min(member.size, SIZE_MAX),
		mtime: new Date(Number(seconds < 0n ? 0n : seconds) * 1000),
		type,
	});
	header.encode();
	const block = header.block ?? Buffer.alloc(BLOCK_BYTES);
	writeName(block, NAME_FIELD, member.name);
	writeName(block, LINK_FIELD, member.linkTarget);
	writeChecksum(block);
	return block;
}

function paxRecords(member: Member): Map<string, string> {
	const { name, linkTarget, size, uid, gid, mtime, sparse } = member;
	const records = new Map<string, string>();
	const long = [name, linkTarget].filter((text) => text.length > NAME_FIELD.length);
	if (long.some((text) => !isUtf8(text))) records.set('hdrcharset', 'BINARY');
	if (name.length > NAME_FIELD.length && sparse === undefined) records.set('path', name);
	if (linkTarget.length > LINK_FIELD.length) records.set('linkpath', linkTarget);
	if (sparse === undefined && size > SIZE_MAX) records.set('size', String(size));
	if (uid > ID_MAX) records.set('uid', String(uid));
	if (gid > ID_MAX) records.set('gid', String(gid));
	if (mtime % NANOSECONDS !== 0n || mtime < 0n) records.set('mtime', encodePaxTime(mtime));
	return records;
}

/** Format 1.0: real name and size in records; the block names and sizes what is stored. */
function sparseRecords({ name, size }: Member, stored: number): [string, string][] {
	return [
		['GNU.sparse.major', '1'],
		['GNU.sparse.minor', '0'],
		['GNU.sparse.name', name],
		['GNU.sparse.realsize', String(size)],
		...(stored > SIZE_MAX ? [['size', String(stored)] as [string, string]] : []),
	];
}

function isUtf8(name: string): boolean {
	const bytes = toBuffer(name);
	return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

/** Bytes of a member in the archive, behind its header blocks and the map of a sparse file. */
export function storedSize({
	size,
	sparse,
}: {
	readonly size: number;
	readonly sparse?: SparseMap | undefined;
}): number {
	return sparse === undefined ? size : storedBytes(sparse);
}

/**
 * All that stands before the content of a member; the stored bytes follow, padded by
 * `paddingOf(storedSize(member))`.
 */
export function memberHeader(member: Member): Buffer {
	const map = member.sparse === undefined ? NOTHING : encodeSparseMap(member.sparse, member.size);
	const stored = storedSize(member) + map.length;
	const records = paxRecords(member);
	if (member.sparse !== undefined) {
		for (const [key, value] of sparseRecords(member, stored)) records.set(key, value);
	}
	const blockName = member.sparse === undefined ? member.name : './GNUSparseFile.0/sparse';
	const block = ustarBlock({ ...member, name: blockName, size: stored }, TYPE_NAMES[member.type]);
	if (records.size === 0) return block;
	const body = encodePax(records);
	const pax = { ...member, name: '././@PaxHeader', linkTarget: '', mode: 0o644, uid: 0, gid: 0 };
	const head = ustarBlock({ ...pax, mtime: 0n, size: body.length }, 'File');
	head[156] = 'x'.charCodeAt(0);
	writeChecksum(head);
	return Buffer.concat([head, body, Buffer.alloc(paddingOf(body.length)), block, map]);
}

/** Two zero blocks, and zeros up to the record size that tape drives, and so GNU tar, expect. */
export function archiveEnd(bytesBefore: number): Buffer {
	const RECORD_BYTES = 20 * BLOCK_BYTES;
	const used = bytesBefore + 2 * BLOCK_BYTES;
	return Buffer.alloc(2 * BLOCK_BYTES + ((RECORD_BYTES - (used % RECORD_BYTES)) % RECORD_BYTES));
}
