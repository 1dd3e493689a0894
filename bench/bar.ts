/** What a bench promises and what it measured. Smaller is better for every bar. */
export interface Bar {
	/** One word, e.g. `wall-zstd`. */
	readonly name: string;
	readonly measured: number;
	readonly limit: number;
	/** What the numbers are, e.g. `× mariadb-dump | zstd`, `ms`, `MB`. */
	readonly unit: string;
}

function rounded(value: number): string {
	return Number(value.toPrecision(4)).toString();
}

/** `bar <name> <measured> <limit> ok|short`, then the unit for people. */
export function barLine({ name, measured, limit, unit }: Bar): string {
	const verdict = measured <= limit ? 'ok' : 'short';
	return `bar ${name} ${rounded(measured)} ${rounded(limit)} ${verdict} (${unit})`;
}

/** The middle of several measurements, which one disturbed run does not move. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const [low = NaN, high = NaN] = [
		sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
		sorted[middle],
	];
	return (low + high) / 2;
}
