import type { DumpTally } from './dump-tally.ts';
import type { DumpedRoutine } from './dump-summary.ts';

/** What is known about a dump before it is loaded; the manifest's `DumpSummary` fits. */
export interface ExpectedContent {
	readonly server?: { readonly vendor: string; readonly version: string };
	readonly database: { readonly characterSet: string; readonly collation: string };
	/** Base tables with the rows they must have after the load. */
	readonly tables: ReadonlyArray<{
		readonly name: string;
		readonly rows: number;
		/** As the dump's summary has it; absent in older manifests. */
		readonly checksum?: string;
		/** Former rows are counted and summed up too. */
		readonly history?: true;
	}>;
	readonly views: readonly string[];
	readonly routines: readonly DumpedRoutine[];
	readonly triggers: ReadonlyArray<{ readonly name: string }>;
	readonly events: readonly string[];
	readonly sequences: readonly string[];
}

/** What a restore did and checked. Plain data. */
export interface RestoreReport {
	readonly database: string;
	/**
	 * `staged`: loaded beside the target, verified, and swapped in. `inPlace`: loaded into the target
	 * itself, because the account has rights on that database only.
	 */
	readonly method: 'staged' | 'inPlace';
	/** The database with the content that the target had before; `null` when it had none. */
	readonly keptDatabase: string | null;
	/** `checksums`: the content of every table was read back and compared. `rows`: their numbers only. */
	readonly verifiedBy: 'checksums' | 'rows';
	/** Sentences about interrupted runs that were finished or taken back first. */
	readonly recovered: readonly string[];
	/** True when the database did not exist before. */
	readonly createdDatabase: boolean;
	/** True when the remains of a restore that had been killed were removed first. */
	readonly clearedUnfinished: boolean;
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	/** Sum over all tables. */
	readonly rows: number;
	readonly views: number;
	readonly routines: number;
	readonly triggers: number;
	readonly events: number;
	readonly sequences: number;
	readonly statements: number;
	/** Of SQL text read. */
	readonly bytes: number;
	/** What `CaosDBVersion()` answers in the restored database, `null` when there is no such function. */
	readonly schemaVersion: string | null;
	readonly warnings: readonly string[];
}

/** A warning when nothing tells which letters the texts of a dump may hold. */
export function unknownCharacterSet(
	{ tables, tellsCharacterSet }: DumpTally,
	expected: ExpectedContent | undefined,
): readonly string[] {
	if (expected !== undefined || tellsCharacterSet || tables.size === 0) return [];
	return [
		'Nothing in the dump tells a character set: a database that the restore makes has utf8mb4, another keeps its own. Compare some texts with umlauts.',
	];
}
