/** What of a database is not in its dump, because the user asked for that. Names, sorted. */
export interface LeftOut {
	readonly tables: readonly string[];
	/** Tables that are in the dump without their rows. */
	readonly rowsOf: readonly string[];
	/** Views that were to stay out, and those that read a table or view that is left out. */
	readonly views: readonly string[];
	readonly routines: readonly string[];
	/** Triggers that were to stay out, and those of tables that are left out. */
	readonly triggers: readonly string[];
	readonly events: readonly string[];
}

const KINDS = [
	['tables', 'table'],
	['rowsOf', 'rows of table'],
	['views', 'view'],
	['routines', 'routine'],
	['triggers', 'trigger'],
	['events', 'event'],
] as const;

/** So many names of a kind are told in a sentence; the lists have all. */
const NAMES_TOLD = 10;

export function isWhole(leftOut: LeftOut): boolean {
	return KINDS.every(([kind]) => leftOut[kind].length === 0);
}

/** One phrase per kind of which something is left out, e.g. `tables a, b` or `rows of table stats`. */
export function leftOutPhrases(leftOut: LeftOut): readonly string[] {
	return KINDS.filter(([kind]) => leftOut[kind].length > 0).map(([kind, label]) => {
		const names = leftOut[kind];
		const told = names.slice(0, NAMES_TOLD).join(', ');
		const more = names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '';
		return `${label}${names.length === 1 ? '' : 's'} ${told}${more}`;
	});
}
