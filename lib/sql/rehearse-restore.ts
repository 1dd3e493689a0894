import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import { createForLoad, dropOwnDatabase } from './databases.ts';
import { rehearsalName } from './derived-databases.ts';
import { type DumpToLoad, fillDatabase } from './fill-database.ts';
import { quoteIdentifier } from './identifiers.ts';
import { demandConnections } from './load-plan.ts';
import { type RestoreOptions, dumpOf } from './restore-database.ts';
import { createJournal } from './restore-journal.ts';
import { readSchemaVersion } from './schema-version.ts';
import { readStagingRights } from './staging-rights.ts';
import { type TargetSession, withTarget } from './target-session.ts';

export type RehearsalOptions = DumpToLoad &
	Pick<RestoreOptions, 'endpoint' | 'database' | 'definer'>;

/** What a rehearsal found. Plain data. */
export interface RehearsalReport {
	/** The database that it stands for; it was not touched. */
	readonly database: string;
	/** Where it was restored; gone again. */
	readonly scratchDatabase: string;
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	readonly rows: number;
	readonly routines: number;
	readonly verifiedBy: 'checksums' | 'rows';
	readonly schemaVersion: string | null;
	readonly recovered: readonly string[];
	readonly warnings: readonly string[];
}

/**
 * Restores a dump into a scratch database, compares it as a restore does, and drops it. Rejects as
 * `restoreDatabase` does.
 */
export async function rehearseRestore(
	options: RehearsalOptions,
	ctx: EngineContext,
): Promise<RehearsalReport> {
	throwIfAborted(ctx.signal);
	demandConnections(options.connections);
	return await withTarget(options, ctx, {
		work: async (session) => await rehearse(session, options, ctx),
		undo: async () => undefined,
	});
}

async function rehearse(
	{ connection, server, recovery }: TargetSession,
	options: RehearsalOptions,
	ctx: EngineContext,
): Promise<RehearsalReport> {
	const { database, expected, definer } = options;
	const rights = await readStagingRights(connection, server, database);
	if (!rights.enough) {
		throw new EngineError(
			'sql_privilege_missing',
			`The account may not make a scratch database beside ${database}`,
			{
				remedy: `An administrator of the database server runs: ${rights.grant}`,
				details: { database, grant: rights.grant },
			},
		);
	}
	const scratch = rehearsalName(database);
	await createForLoad(connection, scratch, expected?.database);
	await createJournal(connection, scratch, {
		...{ version: 1, role: 'rehearsal', target: database, phase: 'loading', events: {} },
		startedAt: new Date().toISOString(),
	});
	await connection.exec(`USE ${quoteIdentifier(scratch)}`);
	const defaultsKnown = expected !== undefined;
	const loading = { defaultsKnown, mayChangeDefaults: true, disableEvents: true };
	const filled = await fillDatabase(
		connection,
		server,
		{ ...dumpOf(options), definer, database: scratch, ...loading },
		ctx,
	);
	const { reader, verified } = filled;
	const { version, warnings } = await readSchemaVersion(connection, scratch);
	await dropOwnDatabase(connection, scratch);
	return {
		...{ database, scratchDatabase: scratch, recovered: recovery.said },
		tables: verified.tables,
		rows: verified.tables.reduce((sum, { rows }) => sum + rows, 0),
		routines: reader.tally.routines,
		verifiedBy: verified.verifiedBy,
		schemaVersion: version,
		warnings: [...filled.warnings, ...verified.warnings, ...warnings],
	};
}
