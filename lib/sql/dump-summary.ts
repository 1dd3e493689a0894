import type { LeftOut } from './left-out.ts';

/**
 * What a finished dump says about itself; the manifest stores it as it is. Plain data only, numbers are
 * safe integers, texts are UTF-8.
 */
export interface DumpSummary {
	readonly server: DumpServer;
	readonly database: DumpedDatabase;
	/** What `CaosDBVersion()` answered, `null` when the database has no such function. */
	readonly schemaVersion: string | null;
	readonly snapshot: DumpSnapshot;
	/** In the order of the dump. */
	readonly tables: readonly DumpedTable[];
	readonly sequences: readonly string[];
	readonly views: readonly string[];
	readonly routines: readonly DumpedRoutine[];
	/** MariaDB's packages; each has a specification and possibly a body. */
	readonly packages: readonly string[];
	readonly triggers: readonly DumpedTrigger[];
	readonly events: readonly string[];
	/** Accounts (`user@host`) that own views, routines, triggers and events. */
	readonly definers: readonly string[];
	/** `null` when the dump holds the whole database. */
	readonly leftOut: LeftOut | null;
	/** English sentences about what a reader should know; none of them makes the dump incomplete. */
	readonly warnings: readonly string[];
	readonly statements: number;
	/** Of the SQL text. */
	readonly bytes: number;
	/** A server whose max_allowed_packet is not larger cannot load the dump. */
	readonly largestStatementBytes: number;
}

export interface DumpServer {
	readonly vendor: 'mariadb' | 'mysql';
	/** As the server writes it, e.g. `11.8.9-MariaDB-1 from Debian`. */
	readonly version: string;
}

export interface DumpedDatabase {
	readonly name: string;
	readonly characterSet: string;
	readonly collation: string;
}

export interface DumpSnapshot {
	/**
	 * How several connections came to see one moment: all writers were held back while their snapshots
	 * opened, on the whole server or on the tables of the dump. `single-connection`: one repeatable-read
	 * transaction reads everything.
	 */
	readonly method: 'global-read-lock' | 'table-locks' | 'single-connection';
	/** The server's clock at the snapshot, ISO 8601 in UTC. */
	readonly at: string;
	/** Position in the binary log that belongs to the snapshot, where the account may see it. */
	readonly binaryLog: { readonly file: string; readonly position: number } | null;
	readonly gtid: string | null;
}

export interface DumpedTable {
	readonly name: string;
	/** Former rows of a system-versioned table included, where they are dumped. */
	readonly rows: number;
	/** Present when former rows are dumped too: `rows` is then the sum of both. */
	readonly history?: true;
	/** Present when only the definition was dumped because somebody wished so. */
	readonly structureOnly?: true;
	/** Content checksum of the rows (row-checksum.ts): 16 lower-case hex digits. */
	readonly checksum: string;
	/** Of the SQL text of its definition and rows. */
	readonly bytes: number;
	readonly engine: string;
}

export interface DumpedRoutine {
	readonly kind: 'function' | 'procedure';
	readonly name: string;
}

export interface DumpedTrigger {
	readonly name: string;
	readonly table: string;
}
