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
	const body = records.size === 0 ? NOTHING : encodePax(records);
	const padding = paddingOf(body.length);
	const paxBytes = body.length === 0 ? 0 : BLOCK_BYTES + body.length + padding;
	const header = Buffer.allocUnsafe(paxBytes + BLOCK_BYTES + map.length);
	if (paxBytes > 0) {
		putUstarBlock(header, { ...PAX_HEADER, size: body.length });
		body.copy(header, BLOCK_BYTES);
		header.fill(0, paxBytes - padding, paxBytes);
	}
	putUstarBlock(header.subarray(paxBytes), {
		...member,
		name: member.sparse === undefined ? member.name : './GNUSparseFile.0/sparse',
		size: stored,
		mtime: Number(member.mtime / NANOSECONDS),
	});
	map.copy(header, paxBytes + BLOCK_BYTES);
	return header;
}

/** Two zero blocks, and zeros up to the record size that tape drives, and so GNU tar, expect. */
export function archiveEnd(bytesBefore: number): Buffer {
	const RECORD_BYTES = 20 * BLOCK_BYTES;
	const used = bytesBefore + 2 * BLOCK_BYTES;
	return Buffer.alloc(2 * BLOCK_BYTES + ((RECORD_BYTES - (used % RECORD_BYTES)) % RECORD_BYTES));
}
