/**
 * A time as Node's utimes calls take it: seconds as a number, exact to 239 ns in this century. Negative
 * numbers would silently mean now, so times before 1970 are given as a Date (to the millisecond).
 */
export function secondsOf(nanoseconds: bigint): number | Date {
	if (nanoseconds < 0n) return new Date(Number(nanoseconds / 1_000_000n));
	return Number(nanoseconds / 1_000_000_000n) + Number(nanoseconds % 1_000_000_000n) / 1e9;
}
