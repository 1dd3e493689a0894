import { EngineError } from '../core/index.ts';

/** Records of a pax extended header (POSIX.1-2001): `<length> <key>=<value>\n`, values as bytes. */
export type PaxRecords = ReadonlyMap<string, string>;

const NANOSECONDS = 1_000_000_000n;
/** The only keys that may stand there several times: the map of a sparse file in its oldest form. */
const REPEATED: ReadonlySet<string> = new Set(['GNU.sparse.offset', 'GNU.sparse.numbytes']);

function encodeRecord(key: string, value: string): string {
	const rest = ` ${key}=${value}\n`;
	// The length counts its own digits.
	let length = rest.length + 1;
	while (String(length).length + rest.length !== length) length++;
	return `${length}${rest}`;
}

/** One character per byte. */
export function encodePax(records: PaxRecords): string {
	let text = '';
	for (const [key, value] of records) text += encodeRecord(key, value);
	return text;
}

function damaged(): EngineError {
	return new EngineError('artifact_corrupt', 'An extended header of the archive is damaged', {
		remedy: 'Use another copy of this archive.',
	});
}

/**
 * Throws `artifact_corrupt` unless the records fill the header exactly. Values of a repeated sparse key
 * are joined by commas.
 */
export function parsePax(body: Buffer): Map<string, string> {
	const text = body.toString('latin1');
	const records = new Map<string, string>();
	for (let at = 0; at < text.length;) {
		const space = text.indexOf(' ', at);
		const digits = text.slice(at, space);
		if (space < 0 || !/^[1-9]\d{0,7}$/.test(digits)) throw damaged();
		const end = at + Number(digits);
		const record = text.slice(space + 1, end);
		const equals = record.indexOf('=');
		if (end > text.length || equals < 1 || !record.endsWith('\n')) throw damaged();
		const [key, value] = [record.slice(0, equals), record.slice(equals + 1, -1)];
		const before = REPEATED.has(key) ? records.get(key) : undefined;
		records.set(key, before === undefined ? value : `${before},${value}`);
		at = end;
	}
	return records;
}

/** Nanoseconds since 1970 as a decimal number of seconds, exact, also before 1970. */
export function encodePaxTime(nanoseconds: bigint): string {
	const sign = nanoseconds < 0n ? '-' : '';
	const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
	const fraction = String(size % NANOSECONDS)
		.padStart(9, '0')
		.replace(/0+$/, '');
	return `${sign}${size / NANOSECONDS}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Digits beyond the nanosecond are cut. Throws `artifact_corrupt`. */
export function parsePaxTime(text: string): bigint {
	const match = /^(-?)(\d{1,12})(?:\.(\d*))?$/.exec(text);
	if (match === null) throw damaged();
	const [, sign, seconds = '0', fraction = ''] = match;
	const size = BigInt(seconds) * NANOSECONDS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
	return sign === '-' ? -size : size;
}

/** A non-negative whole number. Throws `artifact_corrupt`. */
export function parsePaxNumber(text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw damaged();
	return value;
}
