import type { DumpOrigin } from './dump-reader.ts';

/** What reading a dump to its end has shown. Plain data. */
export interface DumpCheck {
	/** Of SQL text. */
	readonly bytes: number;
	readonly statements: number;
	/** Sum over all tables. */
	readonly rows: number;
	/** Tables in the order of their creation, with the rows that the dump inserts. */
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	readonly views: number;
	readonly routines: number;
	readonly triggers: number;
	readonly events: number;
	readonly largestStatementBytes: number;
	/** Accounts (`user@host`) that own views, routines, triggers and events. */
	readonly definers: readonly string[];
	readonly origin: DumpOrigin;
}
