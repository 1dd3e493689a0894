import type { DumpServer, DumpedDatabase, DumpedRoutine, DumpedTrigger } from './dump-summary.ts';
import type { LeftOut } from './left-out.ts';

/** What a backup would find, without making one. Plain data; sizes are the server's estimates. */
export interface DatabaseInspection {
	readonly server: DumpServer;
	/** The account as the server matched it, `user@host`. */
	readonly account: string;
	/** Name of the cipher, `null` when the connection is not encrypted. */
	readonly tlsCipher: string | null;
	/** `null` when the account may not open the database at all. */
	readonly database: DumpedDatabase | null;
	/** What `CaosDBVersion()` answers, `null` without it or without the right to call it. */
	readonly schemaVersion: string | null;
	/** What a dump would hold. */
	readonly tables: readonly InspectedTable[];
	readonly sequences: readonly string[];
	readonly views: readonly string[];
	readonly routines: readonly DumpedRoutine[];
	readonly triggers: readonly DumpedTrigger[];
	readonly events: readonly string[];
	readonly engines: readonly InspectedEngine[];
	readonly definers: readonly InspectedDefiner[];
	readonly leftOut: LeftOut | null;
	readonly snapshot: InspectedSnapshot;
	readonly largestStatement: LargestStatement;
	/** Statements that give the account what a backup needs and it lacks: all of them. */
	readonly missingGrants: readonly string[];
	/** Statements without which a backup works, but slower or not at one moment for all tables. */
	readonly recommendedGrants: readonly string[];
	/** English sentences: what makes a backup fail. Empty: a backup would begin. */
	readonly problems: readonly string[];
	readonly warnings: readonly string[];
}

export interface InspectedTable {
	readonly name: string;
	/** Empty when the server cannot open the table. */
	readonly engine: string;
	/** Estimate. */
	readonly rows: number;
	/** Of the rows on the server's disk, without indexes; estimate. */
	readonly bytes: number;
	readonly indexBytes: number;
	/** Its rows stay out. */
	readonly structureOnly: boolean;
}

export interface InspectedEngine {
	readonly engine: string;
	readonly tables: number;
	readonly bytes: number;
}

export interface InspectedDefiner {
	/** `user@host`. */
	readonly account: string;
	/** Views, routines, triggers and events that belong to it. */
	readonly objects: number;
	/** `null` when this account may not see which accounts exist. */
	readonly exists: boolean | null;
}

export interface InspectedSnapshot {
	/** May stop all writers for the moment in which the snapshots open (RELOAD). */
	readonly reload: boolean;
	/** May lock the tables of this database (LOCK TABLES). */
	readonly lockTables: boolean;
}

export interface LargestStatement {
	/** Estimate, at least the statement size. A server must have a larger max_allowed_packet. */
	readonly bytes: number;
	/** Of this server. */
	readonly maxAllowedPacket: number;
	/** False: a large table was not read to its end, the true figure may be higher. */
	readonly complete: boolean;
}
