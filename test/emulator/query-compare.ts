import type { Operator, Pattern } from './query.ts';

interface Comparison {
	readonly operator: Operator;
	readonly value: Pattern;
	/** Whether two numbers are compared as numbers. */
	readonly asNumber: boolean;
}

function number(text: string): number | null {
	return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : null;
}

const DATE = /^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}.*)?)?)?$/;

/** Order of two values: numbers by size, all else by text; a date that is less exact by what it has. */
function order(text: string, { value, asNumber }: Comparison): number {
	const wanted = value.text;
	const [left, right] = asNumber ? [number(text), number(wanted)] : [null, null];
	if (left !== null && right !== null) return left - right;
	const areDates = DATE.test(text) && DATE.test(wanted);
	const mine = areDates ? text.replace(' ', 'T').slice(0, wanted.length) : text.toLowerCase();
	const other = areDates ? wanted.replace(' ', 'T') : wanted.toLowerCase();
	if (mine === other) return 0;
	return mine < other ? -1 : 1;
}

/** Whether the text fulfils the comparison; no value fulfils none. */
export function compareValue(text: string | null, comparison: Comparison): boolean {
	if (text === null) return false;
	const { operator, value } = comparison;
	if (operator === 'LIKE') {
		return value.matches?.test(text) ?? text.toLowerCase() === value.text.toLowerCase();
	}
	const placed = order(text, comparison);
	switch (operator) {
		case '=':
		case 'IN':
			return placed === 0;
		case '!=':
			return placed !== 0;
		case '<':
			return placed < 0;
		case '<=':
			return placed <= 0;
		case '>':
			return placed > 0;
		case '>=':
			return placed >= 0;
		default:
			return operator satisfies never;
	}
}
