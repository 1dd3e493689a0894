import { EngineError } from '../core/index.ts';
import type { SqlConnection } from './connection.ts';
import { databaseExists, databasesWithPrefix, dropOwnDatabase } from './databases.ts';
import { keptPrefix, rehearsalName, stagingName } from './derived-databases.ts';
import { quoteIdentifier } from './identifiers.ts';
import { readObjectNames } from './object-names.ts';
import { JOURNAL_TABLE } from './own-tables.ts';
import { type JournalState, readPlanBytes, readState, writeState } from './restore-journal.ts';
import type { ServerInfo } from './server-info.ts';
import { isMoved, settleSwap } from './swap.ts';
import { type SwapPlan, decodePlan } from './swap-plan.ts';

/** What was found of earlier runs. */
export interface Recovery {
	/** In sentences; empty when there was nothing. */
	readonly said: readonly string[];
	/** Which content the interrupted run has left in the target; `undefined` when there was none. */
	readonly content: 'old' | 'new' | undefined;
	/** The roll back that was interrupted, or not answered for, and whose content stands in the target. */
	readonly rollBack: SwapPlan | undefined;
	/** A kept database whose content was gone with its journal: it was about to be dropped. */
	readonly emptied: string | undefined;
}

interface Recovered {
	readonly said: string;
	readonly content: 'old' | 'new';
	readonly rollBack?: SwapPlan;
}

/** `<target>_before_20261122_203000` */
const KEPT_TIME = /^\d{8}_\d{6}$/;

interface RecoveryScene {
	readonly connection: SqlConnection;
	readonly server: ServerInfo;
	readonly target: string;
	/** `finish`: a swap whose tables have moved is finished. `undo`: everything is taken back. */
	readonly wish: 'finish' | 'undo';
}

/**
 * Ends what an interrupted restore, rehearsal or roll back of this target has left: finishes it or takes
 * it back, so that the target has its whole new or its whole old content. The target must be locked.
 */
export async function recoverTarget(scene: RecoveryScene): Promise<Recovery> {
	const { connection, target } = scene;
	const found: Recovered[] = [];
	for (const own of [stagingName(target), rehearsalName(target)]) {
		if (!(await databaseExists(connection, own))) continue;
		const state = await readState(connection, own);
		if (state === undefined) await dropEmpty(connection, own);
		else found.push(await recoverOne(scene, own, state));
	}
	const kept = await recoverKept(scene);
	found.push(...kept.found);
	const last = found.at(-1);
	return {
		said: found.map(({ said }) => said),
		content: last?.content,
		rollBack: last?.rollBack,
		emptied: kept.emptied,
	};
}

/** Roll backs are journalled in the kept database they roll back to; new kept ones may be left over. */
async function recoverKept(
	scene: RecoveryScene,
): Promise<{ readonly found: readonly Recovered[]; readonly emptied: string | undefined }> {
	const { connection, target } = scene;
	const found: Recovered[] = [];
	let emptied: string | undefined;
	const unfilled: string[] = [];
	const prefix = keptPrefix(target);
	for (const kept of await databasesWithPrefix(connection, prefix)) {
		// The roll back that was handled before may have dropped it.
		if (!(await databaseExists(connection, kept))) continue;
		const state = await readState(connection, kept);
		const named = KEPT_TIME.test(kept.slice(prefix.length));
		if (state === undefined && named && (await isOwnAndEmpty(connection, kept))) {
			await connection.exec(`DROP DATABASE ${quoteIdentifier(kept)}`);
			emptied = kept;
		}
		// A person may have databases with such names.
		if (state === undefined || state.target !== target || state.phase === 'kept') continue;
		if (state.phase === 'filling') unfilled.push(kept);
		else if (state.phase === 'discard') await dropOwnDatabase(connection, kept);
		else found.push(await recoverOne(scene, kept, state));
	}
	for (const kept of unfilled) await dropUnfilled(connection, kept);
	return { found, emptied };
}

async function recoverOne(
	scene: RecoveryScene,
	source: string,
	state: JournalState,
): Promise<Recovered> {
	const { connection, server, target, wish } = scene;
	const what =
		state.role === 'kept' ? 'roll back' : state.role === 'staging' ? 'restore' : state.role;
	const which = `The ${what} of ${target} that began at ${state.startedAt} had been interrupted`;
	if (state.phase === 'loading' || state.phase === 'discard') {
		await dropOwnDatabase(connection, source);
		const said = `${which} while ${target} had its old content; the remains were removed.`;
		return { said, content: 'old' };
	}
	if (state.phase === 'done') {
		const ended = state.role === 'kept' ? await readRollBack(connection, source) : {};
		await dropOwnDatabase(connection, source);
		const said = `${which} after the swap; ${target} has the new content.`;
		return { said, content: 'new', ...ended };
	}
	const plan = decodePlan(await readPlanBytes(connection, source));
	const moved = await isMoved(connection, plan);
	if (state.phase === 'swap' && wish === 'finish' && moved === true) {
		await settleSwap({ connection, server, plan }, 'forward');
		const said = `${which} during the swap; it was finished, and ${target} has the new content.`;
		return { said, content: 'new', ...(state.role === 'kept' ? { rollBack: plan } : {}) };
	}
	await writeState(connection, source, { ...state, phase: 'undo' });
	await settleSwap({ connection, server, plan }, 'back');
	const said = `${which} during the swap; it was taken back, and ${target} has the old content.`;
	return { said, content: 'old' };
}

async function readRollBack(
	connection: SqlConnection,
	kept: string,
): Promise<Pick<Recovered, 'rollBack'>> {
	return { rollBack: decodePlan(await readPlanBytes(connection, kept)) };
}

async function isOwnAndEmpty(connection: SqlConnection, database: string): Promise<boolean> {
	const objects = await readObjectNames(connection, database);
	return objects.every(({ name }) => name === JOURNAL_TABLE);
}

/** Between CREATE DATABASE and its journal, or between the journal's end and DROP DATABASE. */
async function dropEmpty(connection: SqlConnection, database: string): Promise<void> {
	if (!(await isOwnAndEmpty(connection, database))) {
		throw new EngineError(
			'sql_database_not_empty',
			`There is a database ${database}, and it is not of a restore`,
			{
				remedy: `Restores need this name. Rename or drop ${database} if nobody needs it.`,
				details: { database },
			},
		);
	}
	await connection.exec(`DROP DATABASE ${quoteIdentifier(database)}`);
}

/** A kept database that was made, but whose swap never began. */
async function dropUnfilled(connection: SqlConnection, kept: string): Promise<void> {
	if (!(await databaseExists(connection, kept))) return;
	if ((await readState(connection, kept))?.phase !== 'filling') return;
	if (!(await isOwnAndEmpty(connection, kept))) {
		throw new EngineError(
			'sql_restore_unfinished',
			`Database ${kept} holds tables of a restore whose journal is gone`,
			{
				remedy:
					'Its staging database was dropped by hand. Look at both databases and move the tables back.',
				details: { database: kept },
			},
		);
	}
	await dropOwnDatabase(connection, kept);
}
