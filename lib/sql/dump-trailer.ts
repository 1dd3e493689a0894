/**
 * The last line of our dumps: `-- Dump completed on <time>: <n> statements, <n> rows`. It begins as the
 * last line of mysqldump and mariadb-dump does, so that other tools know it too.
 */
export interface DumpTotals {
	/** All before the trailer, as a lexer counts them: DELIMITER lines and comments are none. */
	readonly statements: number;
	readonly rows: number;
}

const OURS = /^Dump completed on \S+: (\d+) statements, (\d+) rows$/;
/** With and without a date (--skip-dump-date). Our own, when cut, is none of these. */
const FOREIGN = /^Dump completed(?: on \d{4}-\d\d-\d\d +\d{1,2}:\d\d:\d\d)?$/;

export function trailerLine(totals: DumpTotals, at: Date): string {
	const { statements, rows } = totals;
	return `-- Dump completed on ${at.toISOString()}: ${statements} statements, ${rows} rows\n`;
}

/** The first comment line of our dumps, and of programs that always write a last line too. */
const SIGNED = /^(SQL dump of database .*, made by|(MySQL|MariaDB) dump )/;

/** Whether a dump that begins with this comment must have a trailer, or is cut. */
export function endsWithTrailer(headComment: string): boolean {
	return SIGNED.test(headComment);
}

/** `comment` is the text after the dashes. Foreign dumps have no totals. */
export function parseTrailer(comment: string): DumpTotals | 'foreign' | undefined {
	const [, statements, rows] = OURS.exec(comment) ?? [];
	if (statements !== undefined && rows !== undefined) {
		return { statements: Number(statements), rows: Number(rows) };
	}
	return FOREIGN.test(comment) ? 'foreign' : undefined;
}
