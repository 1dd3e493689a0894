import { EngineError } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { createPrograms, setSequenceDefaults } from './create-programs.ts';
import type { DatabaseParts } from './database-programs.ts';
import { defaultsClause } from './database-defaults.ts';
import { createDatabase, databaseExists, dropOwnDatabase } from './databases.ts';
import { DISABLED, type EventStatus, withEventStatus } from './event-status.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { readObjectNames } from './object-names.ts';
import {
	type JournalState,
	createJournal,
	dropPlan,
	readState,
	writePlan,
	writeState,
} from './restore-journal.ts';
import type { ServerInfo } from './server-info.ts';
import { stripPrograms } from './strip-programs.ts';
import { type SwapPlan, encodePlan } from './swap-plan.ts';
import { tableStamp } from './table-stamp.ts';

/** Which content stands in the target in the end. */
export type SwapDirection = 'forward' | 'back';

interface SwapScene {
	readonly connection: SqlConnection;
	readonly server: ServerInfo;
	readonly plan: SwapPlan;
	/** Called when nothing will take the swap back any more; what follows is tidying. */
	readonly onDone?: () => void;
}

/** Seconds to wait for readers of a table that is to be renamed. */
const LOCK_WAIT_S = 60;

/** Writes the plan down, then carries it out. Whatever ends it early, `settleSwap` ends it later. */
export async function swap(scene: SwapScene, state: JournalState): Promise<void> {
	const { connection, plan } = scene;
	const { target, kept, old, source } = plan;
	if (kept !== null) {
		const startedAt = new Date().toISOString();
		await createDatabase(connection, kept, old);
		await createJournal(connection, kept, {
			...{ version: 1, role: 'kept', target, phase: 'filling', startedAt },
			events: eventStatuses(old),
		});
	}
	await writePlan(connection, source, { ...state, phase: 'swap' }, encodePlan(plan));
	await settleSwap(scene, 'forward');
}

/**
 * Brings target, source and kept database to one of the two ends of a swap, from wherever they are: every
 * step looks at what is there, so it may be repeated after any interruption.
 */
export async function settleSwap(scene: SwapScene, direction: SwapDirection): Promise<void> {
	const { connection, server, plan } = scene;
	const { target, source, kept, old, fresh } = plan;
	if (server.vendor === 'mariadb') {
		await connection.exec("SET system_versioning_alter_history='KEEP'");
	}
	await connection.exec(`SET lock_wait_timeout=${LOCK_WAIT_S}`);
	const [inTarget, beside] =
		direction === 'forward' ? [fresh, { place: kept, parts: old }] : [old, besideBack(plan)];
	const targetWanted = direction === 'forward' || plan.targetExisted;
	if (targetWanted && !(await databaseExists(connection, target))) {
		await createDatabase(connection, target, inTarget);
	}
	const places = [target, source, ...(kept === null ? [] : [kept])];
	for (const place of places) {
		if (!(await databaseExists(connection, place))) continue;
		await stripPrograms(connection, server, place);
	}
	await moveTables(connection, plan, direction);
	if (targetWanted) {
		await fill(scene, target, inTarget, 'none');
		if (beside.place !== null) await fill(scene, beside.place, beside.parts, 'disabled');
		await use(connection, target);
		const onlyEvents = inTarget.programs.filter(({ kind }) => kind === 'EVENT');
		await createPrograms(connection, server, { ...inTarget, programs: onlyEvents }, 'original');
		await demandParts(connection, target, inTarget);
	}
	await (direction === 'forward' ? finishForward(scene) : finishBack(scene));
}

function besideBack(plan: SwapPlan): {
	readonly place: string | null;
	readonly parts: DatabaseParts;
} {
	// A staging database is dropped with what it holds.
	return { place: plan.sourceRole === 'kept' ? plan.source : null, parts: plan.fresh };
}

async function use(connection: SqlConnection, database: string): Promise<void> {
	await connection.exec(`USE ${quoteIdentifier(database)}`);
}

async function fill(
	{ connection, server }: SwapScene,
	place: string,
	parts: DatabaseParts,
	events: 'none' | 'disabled',
): Promise<void> {
	await use(connection, place);
	await connection.exec(`ALTER DATABASE ${defaultsClause(parts)}`);
	await setSequenceDefaults(connection, parts);
	await createPrograms(connection, server, parts, events);
}

async function tableExists(
	connection: SqlConnection,
	database: string,
	table: string,
): Promise<boolean> {
	const { rows } = await connection.rows(
		`SELECT 1 FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)} AND TABLE_NAME = ${quoteText(table)}`,
	);
	return rows.length > 0;
}

/**
 * Whether the tables have changed places. RENAME TABLE moves all or none, so one table tells; `undefined`
 * when there is none to move.
 */
export async function isMoved(
	connection: SqlConnection,
	plan: SwapPlan,
): Promise<boolean | undefined> {
	const [incoming] = plan.fresh.tables;
	if (incoming !== undefined) return !(await tableExists(connection, plan.source, incoming));
	const [outgoing] = plan.old.tables;
	return outgoing === undefined
		? undefined
		: !(await tableExists(connection, plan.target, outgoing));
}

async function moveTables(
	connection: SqlConnection,
	plan: SwapPlan,
	direction: SwapDirection,
): Promise<void> {
	const { target, source, kept } = plan;
	const moved = await isMoved(connection, plan);
	if (moved === undefined || moved === (direction === 'forward')) return;
	const moves = [
		...plan.old.tables.map((name) => ({ name, from: target, to: kept ?? '' })),
		...plan.fresh.tables.map((name) => ({ name, from: source, to: target })),
	];
	const renames = (direction === 'forward' ? moves : moves.reverse()).map(({ name, from, to }) => {
		const before = `${quoteIdentifier(from)}.${quoteIdentifier(name)}`;
		const after = `${quoteIdentifier(to)}.${quoteIdentifier(name)}`;
		return direction === 'forward' ? `${before} TO ${after}` : `${after} TO ${before}`;
	});
	// With the checks on, foreign keys are known to follow their tables.
	await connection.exec('SET foreign_key_checks=1');
	await connection.exec(`RENAME TABLE ${renames.join(', ')}`);
	await connection.exec('SET foreign_key_checks=0');
}

/** Compares the names in a database with those that should be there. */
async function demandParts(
	connection: SqlConnection,
	database: string,
	parts: DatabaseParts,
): Promise<void> {
	const objects = await readObjectNames(connection, database);
	// Events are left out: one may have run and ended meanwhile.
	const found = objects.filter(({ kind }) => kind !== 'EVENT').map(({ name }) => name);
	const programs = parts.programs.filter(({ kind }) => kind !== 'EVENT');
	const wanted = [...parts.tables, ...programs.map(({ definition }) => definition.name)];
	if (JSON.stringify(found.sort()) === JSON.stringify(wanted.sort())) return;
	throw new EngineError(
		'sql_verify_failed',
		`Database ${database} holds ${found.length} objects after the swap, not the ${wanted.length} that were planned`,
		{
			remedy: 'Was it changed meanwhile? Stop what uses the database, then start again.',
			details: { found: found.length, wanted: wanted.length },
		},
	);
}

async function finishForward({ connection, plan, onDone }: SwapScene): Promise<void> {
	const { source, sourceRole, target, kept, old } = plan;
	if (kept !== null) {
		const state = await demandState(connection, kept);
		const stamp = sourceRole === 'kept' ? await tableStamp(connection, target) : undefined;
		await writeState(connection, kept, {
			...{ ...state, phase: 'kept', events: eventStatuses(old) },
			...(stamp === undefined ? {} : { replacedBy: { database: source, stamp } }),
		});
	}
	await writeState(connection, source, {
		...(await demandState(connection, source)),
		phase: 'done',
	});
	onDone?.();
	await dropOwnDatabase(connection, source);
}

async function finishBack({ connection, plan }: SwapScene): Promise<void> {
	const { target, source, sourceRole, kept, targetExisted } = plan;
	const made = !targetExisted && (await databaseExists(connection, target));
	if (made && (await readObjectNames(connection, target)).length === 0) {
		await connection.exec(`DROP DATABASE ${quoteIdentifier(target)}`);
	}
	if (kept !== null && (await databaseExists(connection, kept))) {
		await dropOwnDatabase(connection, kept);
	}
	const state = await demandState(connection, source);
	if (sourceRole === 'staging') {
		await writeState(connection, source, { ...state, phase: 'discard' });
		return await dropOwnDatabase(connection, source);
	}
	await dropPlan(connection, source, { ...state, phase: 'kept' });
}

async function demandState(connection: SqlConnection, database: string): Promise<JournalState> {
	const state = await readState(connection, database);
	if (state !== undefined) return state;
	throw new EngineError('sql_restore_unfinished', `Database ${database} has lost its journal`, {
		remedy: 'Somebody changed it during the restore. Look at what is in it before you drop it.',
		details: { database },
	});
}

function eventStatuses(parts: DatabaseParts): Readonly<Record<string, EventStatus>> {
	const events = parts.programs.filter(({ kind }) => kind === 'EVENT');
	return Object.fromEntries(
		events.map(({ definition: { name, sql } }) => [name, withEventStatus(sql, DISABLED).was]),
	);
}

/** The parts of a staging or kept database with its events as they were meant. */
export function withOriginalEvents(
	parts: DatabaseParts,
	statuses: Readonly<Record<string, EventStatus>>,
): DatabaseParts {
	const programs = parts.programs.map((program) => {
		const { kind, definition } = program;
		const status = statuses[definition.name];
		if (kind !== 'EVENT' || status === undefined) return program;
		const { sql } = withEventStatus(definition.sql, status);
		return { ...program, definition: { ...definition, sql } };
	});
	return { ...parts, programs };
}
