import { isUtf8 } from 'node:buffer';

import { toBuffer } from './byte-path.ts';
import type { Member } from './member.ts';
import { encodePax, encodePaxTime } from './pax-records.ts';
import { type SparseMap, encodeSparseMap, storedBytes } from './sparse-map.ts';
import { BLOCK_BYTES, SIZE_MAX, paddingOf } from './tar-blocks.ts';
import { ID_MAX, NAME_BYTES, putUstarBlock } from './ustar-block.ts';

/*
 * A member's header blocks: ustar where it can say everything, preceded by a pax header where it
 * cannot.
 */

const NANOSECONDS = 1_000_000_000n;
const NOTHING = Buffer.alloc(0);
const PAX_HEADER = {
	type: 'file',
	code: 'x',
	name: '././@PaxHeader',
	linkTarget: '',
	mode: 0o644,
	uid: 0,
	gid: 0,
	mtime: 0,
} as const;

function paxRecords(member: Member): Map<string, string> {
	const { name, linkTarget, size, uid, gid, mtime, sparse } = member;
	const records = new Map<string, string>();
	const long = [name, linkTarget].filter((text) => text.length > NAME_BYTES);
	if (long.some((text) => !isUtf8(toBuffer(text)))) records.set('hdrcharset', 'BINARY');
	if (name.length > NAME_BYTES && sparse === undefined) records.set('path', name);
	if (linkTarget.length > NAME_BYTES) records.set('linkpath', linkTarget);
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

/** All that stands before the content of a member; the stored bytes follow, padded to a whole block. */
export interface MemberHeader {
	readonly bytes: number;
	/** Writes it to where it belongs. */
	put(target: Buffer, at: number): void;
}

/** The header of a member, to be written where there is room for it. */
export function headerOf(member: Member): MemberHeader {
	const map = member.sparse === undefined ? NOTHING : encodeSparseMap(member.sparse, member.size);
	const stored = storedSize(member) + map.length;
	const records = paxRecords(member);
	if (member.sparse !== undefined) {
		for (const [key, value] of sparseRecords(member, stored)) records.set(key, value);
	}
	const pax = encodePax(records);
	const paxBytes = pax === '' ? 0 : BLOCK_BYTES + pax.length + paddingOf(pax.length);
	const fields = {
		...member,
		name: member.sparse === undefined ? member.name : './GNUSparseFile.0/sparse',
		size: stored,
		mtime: Number(member.mtime / NANOSECONDS),
	};
	return {
		bytes: paxBytes + BLOCK_BYTES + map.length,
		put: (target, at) => {
			if (pax !== '') putPax(target, at, pax);
			putUstarBlock(target, at + paxBytes, fields);
			if (map.length > 0) target.set(map, at + paxBytes + BLOCK_BYTES);
		},
	};
}

function putPax(target: Buffer, at: number, pax: string): void {
	putUstarBlock(target, at, { ...PAX_HEADER, size: pax.length });
	const start = at + BLOCK_BYTES;
	target.write(pax, start, 'latin1');
	const end = start + pax.length;
	target.fill(0, end, end + paddingOf(pax.length));
}

/** The header of a member, as bytes of their own. */
export function memberHeader(member: Member): Buffer {
	const header = headerOf(member);
	const bytes = Buffer.allocUnsafe(header.bytes);
	header.put(bytes, 0);
	return bytes;
}

/** Two zero blocks, and zeros up to the record size that tape drives, and so GNU tar, expect. */
export function archiveEnd(bytesBefore: number): Buffer {
	const RECORD_BYTES = 20 * BLOCK_BYTES;
	const used = bytesBefore + 2 * BLOCK_BYTES;
	return Buffer.alloc(2 * BLOCK_BYTES + ((RECORD_BYTES - (used % RECORD_BYTES)) % RECORD_BYTES));
}
