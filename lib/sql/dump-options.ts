import { EngineError } from '../core/index.ts';
import type { SqlEndpoint } from './endpoint.ts';

/** Who owns views, routines, triggers and events after a restore. */
export type DefinerChoice =
	/** Who owns them now; the restoring account then needs the right to set it. */
	| { readonly kind: 'keep' }
	/** Whoever restores. */
	| { readonly kind: 'remove' }
	/** One account, `user@host`. */
	| { readonly kind: 'replace'; readonly account: string };

export interface DumpOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** Name and version of the program, for the header of the file. */
	readonly tool: string;
	/** Tables are read over so many connections at once, from 1 to 8. The bytes of the dump do not depend on it. */
	readonly connections?: number;
	/** An INSERT is closed before it grows beyond so many bytes; 16 KiB to 64 MiB. */
	readonly statementBytes?: number;
	readonly definers?: DefinerChoice;
	/** When not empty: only these tables. */
	readonly includeTables?: readonly string[];
	readonly skipTables?: readonly string[];
	/** Tables whose rows are left out. */
	readonly structureOnly?: readonly string[];
	readonly views?: boolean;
	/** Functions, procedures and packages. */
	readonly routines?: boolean;
	readonly triggers?: boolean;
	readonly events?: boolean;
	/** MariaDB: whether former rows of system-versioned tables are dumped too. Needs 10.11 or later to load. */
	readonly history?: boolean;
}

type Choices = Omit<DumpOptions, 'endpoint' | 'database' | 'tool'>;

/** Right for CaosDB without touching anything. */
export const DUMP_DEFAULTS: Readonly<Required<Choices>> = Object.freeze({
	connections: 2,
	statementBytes: 1_000_000,
	definers: { kind: 'keep' } as const,
	includeTables: [],
	skipTables: [],
	structureOnly: [],
	views: true,
	routines: true,
	triggers: true,
	events: true,
	history: false,
});

export type ResolvedDumpOptions = Readonly<Required<DumpOptions>>;

export const MAX_CONNECTIONS = 8;
const MIN_STATEMENT_BYTES = 16 * 1024;
const MAX_STATEMENT_BYTES = 64 * 1024 * 1024;

/** Completes and checks the options. Throws `invalid_option`. */
export function resolveDumpOptions(options: DumpOptions): ResolvedDumpOptions {
	const resolved = Object.freeze({ ...DUMP_DEFAULTS, ...options });
	demandRange('connections', resolved.connections, 1, MAX_CONNECTIONS);
	demandRange(
		'bytes per statement',
		resolved.statementBytes,
		MIN_STATEMENT_BYTES,
		MAX_STATEMENT_BYTES,
	);
	const { definers } = resolved;
	if (definers.kind === 'replace' && !/^.+@[^@]+$/s.test(definers.account)) {
		throw new EngineError('invalid_option', `'${definers.account}' is no account`, {
			remedy: 'Write it as user@host, e.g. caosdb@%.',
		});
	}
	return resolved;
}

function demandRange(what: string, value: number, lowest: number, highest: number): void {
	if (Number.isInteger(value) && value >= lowest && value <= highest) return;
	throw new EngineError('invalid_option', `A dump cannot use ${value} ${what}`, {
		remedy: `Choose a whole number from ${lowest} to ${highest}.`,
	});
}
