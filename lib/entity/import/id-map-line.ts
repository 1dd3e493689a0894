import { isRole } from './pack.ts';
import type { Role } from '../model.ts';

export interface IdMapEntry {
	/** Id at the source, without the sign of a temporary one. */
	readonly source: string;
	readonly role: Role;
	/** Version at the source when it was transferred, if the file told it. */
	readonly sourceVersion: string | null;
	/** See `contentHash`. */
	readonly hash: string;
	readonly target: string;
	/** Version on the target after the transfer, if the server told it. */
	readonly targetVersion: string | null;
	/** Whether an import inserted it; others were there before. */
	readonly isMade: boolean;
}

export interface IdMapPair {
	readonly source: string;
	readonly target: string;
}

/** One line of the file. */
export interface IdMapLine {
	readonly s: string;
	readonly r?: string;
	readonly sv?: string | null;
	readonly h?: string;
	/** Absent: the entity is gone. */
	readonly t?: string;
	readonly tv?: string | null;
	readonly made?: boolean;
}

/** The line of an entry, with its line break. */
export function encodeEntry(entry: IdMapEntry): string {
	const { source, role, sourceVersion, hash, target, targetVersion, isMade } = entry;
	const line: IdMapLine = {
		...{ s: source, r: role, sv: sourceVersion, h: hash },
		...{ t: target, tv: targetVersion, made: isMade },
	};
	return `${JSON.stringify(line)}\n`;
}

function textOrNull(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}

/** The line that a JSON object is, or undefined when it is none. */
export function decodeLine(json: Readonly<Record<string, unknown>>): IdMapLine | undefined {
	const { s, r, sv, h, t, tv, made } = json;
	if (typeof s !== 'string' || (t !== undefined && (typeof t !== 'string' || !isRole(r)))) {
		return undefined;
	}
	const line = { s, sv: textOrNull(sv), tv: textOrNull(tv), made: made === true };
	const hash = typeof h === 'string' ? { h } : {};
	return typeof t === 'string' ? { ...line, ...hash, r: String(r), t } : { s };
}

/** The entry that a line is; undefined for an entity that is gone. */
export function entryOf({ s, r, sv, h, t, tv, made }: IdMapLine): IdMapEntry | undefined {
	if (!isRole(r) || t === undefined) return undefined;
	return {
		...{ source: s, role: r, sourceVersion: sv ?? null, hash: h ?? '' },
		...{ target: t, targetVersion: tv ?? null, isMade: made === true },
	};
}
