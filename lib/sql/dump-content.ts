import { EngineError } from '../core/index.ts';

/**
 * What of a database goes into a dump, and how. Everything is optional; without any of it the dump holds
 * the whole database.
 */
export interface DumpContentOptions {
	/** Only these tables; empty or absent: all. A name that the database lacks is an error. */
	readonly includeTables?: readonly string[];
	/** Tables (or views) that stay out. A name that the database lacks is a warning. */
	readonly skipTables?: readonly string[];
	/** Tables whose definition goes in without their rows. A name that is not dumped is a warning. */
	readonly structureOnly?: readonly string[];
	/** Default true. */
	readonly routines?: boolean;
	/** Default true. */
	readonly triggers?: boolean;
	/** Default true. */
	readonly events?: boolean;
	/** Default true. */
	readonly views?: boolean;
	/** Whose name views, routines, triggers and events carry. Default keep. */
	readonly definers?: DumpDefiners;
	/** Whether the history of system-versioned tables goes in. Default false. */
	readonly history?: boolean;
	/** Tables are read over so many connections at once, 1 to 8; the bytes of the dump do not depend on it. Default 2. */
	readonly connections?: number;
	/** An INSERT is closed before it grows beyond so many bytes, 16 KiB to 64 MiB. Default 1,000,000. */
	readonly statementBytes?: number;
	/**
	 * Tables without a primary key are read in ranges of another index from so many rows on. That keeps more
	 * connections busy, but costs the server up to twice the work for these tables (measured). Default
	 * 4,000,000.
	 */
	readonly indexRangesFrom?: number;
}

export type DumpDefiners =
	| { readonly mode: 'keep' }
	| { readonly mode: 'remove' }
	/** `account`: `user@host`, or `user` alone for any host. */
	| { readonly mode: 'replace'; readonly account: string };

/** The options with every default filled in. */
export type DumpContent = Readonly<Required<DumpContentOptions>>;

export const DUMP_CONTENT_DEFAULTS: DumpContent = {
	includeTables: [],
	skipTables: [],
	structureOnly: [],
	routines: true,
	triggers: true,
	events: true,
	views: true,
	definers: { mode: 'keep' },
	history: false,
	connections: 2,
	// Below the smallest max_allowed_packet in use (1 MiB).
	statementBytes: 1_000_000,
	indexRangesFrom: 4_000_000,
};

export const CONNECTIONS_MAX = 8;
export const STATEMENT_BYTES_MIN = 16 * 1024;
export const STATEMENT_BYTES_MAX = 64 * 1024 * 1024;

const MAX_USER = 128;
const MAX_HOST = 255;

/** Fills in the defaults and refuses what makes no sense. Throws `invalid_option`. */
export function resolveDumpContent(options: DumpContentOptions = {}): DumpContent {
	const content = { ...DUMP_CONTENT_DEFAULTS, ...options };
	demandInteger('connections', content.connections, 1, CONNECTIONS_MAX);
	demandInteger('statementBytes', content.statementBytes, STATEMENT_BYTES_MIN, STATEMENT_BYTES_MAX);
	demandInteger('indexRangesFrom', content.indexRangesFrom, 0, Number.MAX_SAFE_INTEGER);
	for (const field of ['includeTables', 'skipTables', 'structureOnly'] as const) {
		if (!content[field].includes('')) continue;
		throw invalid(field, 'A table name is empty', 'Take the empty name out of the list.');
	}
	const both = content.includeTables.find((name) => content.skipTables.includes(name));
	if (both !== undefined) {
		throw invalid(
			'skipTables',
			`Table ${both} is both to be included and to be skipped`,
			'Name it in one of the two lists.',
		);
	}
	if (content.definers.mode === 'replace') definerAccount(content.definers.account);
	return Object.freeze(content);
}

/** `user@host` or `user` in its two parts; quotes around each are taken off. Throws `invalid_option`. */
export function definerAccount(account: string): { readonly user: string; readonly host: string } {
	const at = account.lastIndexOf('@');
	const user = unquoted((at < 0 ? account : account.slice(0, at)).trim());
	const host = at < 0 ? '%' : unquoted(account.slice(at + 1).trim());
	const strange = /\p{Cc}/u.test(user + host);
	if (user === '' || host === '' || strange || user.length > MAX_USER || host.length > MAX_HOST) {
		throw invalid(
			'definers',
			'The account for the definers is no account name',
			"Write it as user@host, e.g. linkahead@%; a name without a host means any host ('%').",
		);
	}
	return { user, host };
}

function unquoted(name: string): string {
	const quote = name[0];
	if (name.length < 2 || quote === undefined || !'\'`"'.includes(quote)) return name;
	return name.endsWith(quote) ? name.slice(1, -1).replaceAll(quote + quote, quote) : name;
}

/** Throws `invalid_option`. */
export function demandInteger(field: string, value: number, least: number, most: number): void {
	if (Number.isInteger(value) && value >= least && value <= most) return;
	const range = `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`;
	throw invalid(field, `'${field}' is ${value}`, `Use a whole number from ${range}.`);
}

function invalid(option: string, message: string, remedy: string): EngineError {
	return new EngineError('invalid_option', message, { remedy, details: { option } });
}
