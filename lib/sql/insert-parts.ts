import type { InsertHead } from './insert-head.ts';

const BLANK = /^\s*$/;
/** Between two rows; the look ahead is enough for any layout that dumps have. */
const BETWEEN = /^\s*,\s*(?=\()/;
const BETWEEN_BYTES = 64;

/**
 * Cuts an INSERT of many rows into several of about the distance of `ends`, which are ends of rows, the
 * last one included: the servers parse rows of 1 MB at once much slower than the same rows in pieces (on
 * MySQL by a third, measured). The statement itself when anything but rows is in it.
 */
export function insertParts(
	sql: Buffer,
	{ rowsAt }: Pick<InsertHead, 'rowsAt'>,
	ends: readonly number[],
): readonly Buffer[] {
	const last = ends.at(-1);
	if (last === undefined || !BLANK.test(sql.toString('latin1', last))) return [sql];
	const head = sql.subarray(0, rowsAt);
	const parts: Buffer[] = [];
	let start = rowsAt;
	for (const end of ends) {
		if (end <= start) continue;
		const between = BETWEEN.exec(sql.toString('latin1', end, end + BETWEEN_BYTES));
		if (between === null && end !== last) continue;
		parts.push(Buffer.concat([head, Buffer.from(' '), sql.subarray(start, end)]));
		start = end + (between?.[0].length ?? 0);
	}
	return parts;
}
