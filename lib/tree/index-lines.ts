import { isUtf8 } from 'node:buffer';

import { EngineError } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';
import { MEMBER_TYPES, type Member, type MemberType } from './member.ts';

/*
 * The index of an archive: JSON lines in the order of the walk, a header before and a trailer after them.
 * docs/format.md is the specification. A line begins with what tells whether an entry has changed, always
 * written alike, so that two indexes are compared as text. Lines are handled with one character per byte,
 * as paths are.
 */

const FORMAT = 'n8n-caosdb-index';
const VERSION = 1;

/** What a symbolic link leads to where the archive was made. */
export const LINK_ENDS = ['file', 'folder', 'other', 'nothing'] as const;
export type LinkEnd = (typeof LINK_ENDS)[number];

export interface LinkTarget {
	readonly leadsTo: LinkEnd;
	/** Of a file. */
	readonly targetSize?: number;
	/** Of a file, when it was asked for: 128 lower-case hex digits. */
	readonly targetSha512?: string;
}

/** One line, read. */
export interface IndexEntry extends Partial<LinkTarget> {
	readonly type: MemberType;
	/** Below the root; empty for the root itself. */
	readonly path: BytePath;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtimeNs: bigint;
	/** Of links: as it stands in the archive. */
	readonly target: BytePath;
	/** Of files: bytes; else 0. */
	readonly size: number;
	/** Of files: 128 lower-case hex digits. */
	readonly sha512?: string;
	/** Of files: which archive of a chain has the content; 0 is the full one. */
	readonly part?: number;
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** A text field whose bytes may be anything: in base64 and under another name unless they are UTF-8. */
function bytesField(key: string, value: BytePath): string {
	if (PLAIN.test(value)) return `"${key}":"${value}"`;
	const bytes = toBuffer(value);
	if (!isUtf8(bytes)) return `"${key}64":"${bytes.toString('base64')}"`;
	return `"${key}":${fromText(JSON.stringify(bytes.toString('utf8')))}`;
}

/** What every line of a member begins with; it differs whenever the member has changed. */
export function lineHead(member: Member, path: BytePath, ctimeNs: bigint): string {
	const { type, mode, uid, gid, mtime, linkTarget, size } = member;
	const text =
		`{${bytesField('path', path)},"type":"${type}","mode":"${mode.toString(8).padStart(4, '0')}",` +
		`"uid":${uid},"gid":${gid},"mtimeNs":"${mtime}",`;
	if (type === 'folder') return text;
	if (type === 'symbolicLink') return `${text}${bytesField('target', linkTarget)},`;
	// Whatever touches a file's inode gives it another ctime, under all its names.
	const timed = `${text}"ctimeNs":"${ctimeNs}",`;
	if (type === 'file') return `${timed}"size":${size},`;
	return `${timed}${bytesField('target', linkTarget)},`;
}

/** The end of a file's line. */
export function fileTail(part: number, sha512: Buffer): string {
	return `"part":${part},"sha512":"${sha512.toString('hex')}"}`;
}

/** A whole line of anything but a file. */
export function lineOf(head: string, target?: LinkTarget): string {
	const end = target === undefined ? '' : JSON.stringify(target).slice(1, -1);
	return end === '' ? `${head.slice(0, -1)}}` : `${head}${end}}`;
}

export function headerLine(part: number): string {
	return JSON.stringify({ format: FORMAT, version: VERSION, part });
}

export function trailerLine(entries: number): string {
	return JSON.stringify({ entries });
}

export function damagedIndex(what: string): EngineError {
	return new EngineError('artifact_corrupt', `The index of the archive is damaged: ${what}`, {
		remedy: 'Use another copy of the backup set.',
	});
}

type Json = Readonly<Record<string, unknown>>;

function parseObject(line: string): Json {
	try {
		const value: unknown = JSON.parse(toText(line));
		if (typeof value === 'object' && value !== null) return value as Json;
	} catch {
		// Said below.
	}
	throw damagedIndex('a line is not JSON');
}

/** Throws `artifact_corrupt` unless it is the header of an index of this version. */
export function parseHeader(line: string): void {
	const { format, version } = parseObject(line);
	if (format !== FORMAT || version !== VERSION) throw damagedIndex('it does not begin like one');
}

/** The number of entries, if the line is the trailer. */
export function parseTrailer(line: string): number | undefined {
	if (!line.startsWith('{"entries":')) return undefined;
	return Number(parseObject(line).entries);
}

const PATH_START = '{"path":"';

/** The path of a line, without reading the rest of it where that can be. */
export function linePath(line: string): BytePath {
	if (line.startsWith(PATH_START)) {
		const path = line.slice(PATH_START.length, line.indexOf('"', PATH_START.length));
		if (!path.includes('\\')) return path;
	}
	return bytesOf(parseObject(line), 'path');
}

function bytesOf(value: Json, key: string): BytePath {
	const [text, base64] = [value[key], value[`${key}64`]];
	if (typeof text === 'string') return fromText(text);
	if (typeof base64 === 'string') return Buffer.from(base64, 'base64').toString('latin1');
	throw damagedIndex(`a line has no ${key}`);
}

function count(value: unknown, key: string): number {
	if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
	throw damagedIndex(`a line has no valid ${key}`);
}

function matching(value: unknown, key: string, pattern: RegExp): string {
	if (typeof value === 'string' && pattern.test(value)) return value;
	throw damagedIndex(`a line has no valid ${key}`);
}

const DIGEST = /^[0-9a-f]{128}$/;

function linkTarget(value: Json): LinkTarget {
	const leadsTo = LINK_ENDS.find((end) => end === value.leadsTo);
	if (leadsTo === undefined) throw damagedIndex('a line has no valid leadsTo');
	const { targetSize, targetSha512 } = value;
	return {
		leadsTo,
		...(targetSize === undefined ? {} : { targetSize: count(targetSize, 'targetSize') }),
		...(targetSha512 === undefined
			? {}
			: { targetSha512: matching(targetSha512, 'targetSha512', DIGEST) }),
	};
}

/** Throws `artifact_corrupt`. */
export function parseLine(line: string): IndexEntry {
	const value = parseObject(line);
	const type = MEMBER_TYPES.find((known) => known === value.type);
	if (type === undefined) throw damagedIndex('a line has no valid type');
	const isLink = type === 'symbolicLink' || type === 'hardLink';
	return {
		type,
		path: bytesOf(value, 'path'),
		mode: parseInt(matching(value.mode, 'mode', /^[0-7]{4}$/), 8),
		uid: count(value.uid, 'uid'),
		gid: count(value.gid, 'gid'),
		mtimeNs: BigInt(matching(value.mtimeNs, 'mtimeNs', /^-?\d{1,21}$/)),
		target: isLink ? bytesOf(value, 'target') : '',
		size: type === 'file' ? count(value.size, 'size') : 0,
		...(type === 'file'
			? { part: count(value.part, 'part'), sha512: matching(value.sha512, 'sha512', DIGEST) }
			: {}),
		...(type === 'symbolicLink' ? linkTarget(value) : {}),
	};
}
