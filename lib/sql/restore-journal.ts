import { EngineError } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { JOURNAL_TABLE } from './own-tables.ts';
import type { EventStatus } from './event-status.ts';

/* In the journal one row holds the state; the others, in order, the plan of a swap. Part of the format. */

/**
 * `loading`: rows are being loaded. `swap`: the plan is written and is being carried out. `undo`: it is
 * being taken back. `done`: the swap is complete, this database can go. `discard`: it can go, the target
 * has its old content. `filling`: a kept database that gets the old content. `kept`: it has it.
 */
export const JOURNAL_PHASES = [
	'loading',
	'swap',
	'undo',
	'done',
	'discard',
	'filling',
	'kept',
] as const;
export type JournalPhase = (typeof JOURNAL_PHASES)[number];

export interface JournalState {
	readonly version: 1;
	readonly role: 'staging' | 'rehearsal' | 'kept';
	/** The database that this one stands beside. */
	readonly target: string;
	readonly phase: JournalPhase;
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	/** What the events were, by name; in this database all of them are disabled. */
	readonly events: Readonly<Record<string, EventStatus>>;
	/** Kept by a roll back: which database's content came instead, and the stamp of its tables then. */
	readonly replacedBy?: { readonly database: string; readonly stamp: string };
}

const NOTE = 'Written by n8n-nodes-caosdb during a restore. The next restore reads it.';
/** Below the smallest max_allowed_packet in the field (1 MiB) as hexadecimal text. */
const PART_BYTES = 400_000;

function tableIn(database: string): string {
	return `${quoteIdentifier(database)}.${quoteIdentifier(JOURNAL_TABLE)}`;
}

function literal(content: Buffer): string {
	return content.length === 0 ? "''" : `0x${content.toString('hex')}`;
}

function stateText(state: JournalState): string {
	return literal(Buffer.from(JSON.stringify(state)));
}

export async function createJournal(
	connection: SqlConnection,
	database: string,
	state: JournalState,
): Promise<void> {
	await connection.exec(
		`CREATE TABLE IF NOT EXISTS ${tableIn(database)} (part INT NOT NULL PRIMARY KEY, content LONGBLOB NOT NULL) ENGINE=InnoDB COMMENT ${quoteText(NOTE)}`,
	);
	await writeState(connection, database, state);
}

export async function writeState(
	connection: SqlConnection,
	database: string,
	state: JournalState,
): Promise<void> {
	await connection.exec(`REPLACE INTO ${tableIn(database)} VALUES (0, ${stateText(state)})`);
}

/** Writes plan and state in one transaction: both are there or neither. */
export async function writePlan(
	connection: SqlConnection,
	database: string,
	state: JournalState,
	plan: Buffer,
): Promise<void> {
	const table = tableIn(database);
	await connection.exec('START TRANSACTION');
	await connection.exec(`DELETE FROM ${table}`);
	for (let part = 0; part * PART_BYTES < plan.length; part += 1) {
		const bytes = plan.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
		await connection.exec(`INSERT INTO ${table} VALUES (${part + 1}, ${literal(bytes)})`);
	}
	await connection.exec(`INSERT INTO ${table} VALUES (0, ${stateText(state)})`);
	await connection.exec('COMMIT');
}

/** Forgets the plan; the state says `kept` again. */
export async function dropPlan(
	connection: SqlConnection,
	database: string,
	state: JournalState,
): Promise<void> {
	await writePlan(connection, database, state, Buffer.alloc(0));
}

export async function hasJournal(connection: SqlConnection, database: string): Promise<boolean> {
	const { rows } = await connection.rows(
		`SELECT 1 FROM information_schema.TABLES WHERE ${inDatabase('TABLE_SCHEMA', database)} AND TABLE_NAME = ${quoteText(JOURNAL_TABLE)}`,
	);
	return rows.length > 0;
}

/** `undefined` when the database has no journal, or one that was not yet begun. */
export async function readState(
	connection: SqlConnection,
	database: string,
): Promise<JournalState | undefined> {
	if (!(await hasJournal(connection, database))) return undefined;
	const { rows } = await connection.rows(`SELECT content FROM ${tableIn(database)} WHERE part = 0`);
	const content = rows[0]?.[0];
	return content === null || content === undefined ? undefined : parseState(content, database);
}

export async function readPlanBytes(connection: SqlConnection, database: string): Promise<Buffer> {
	const { rows } = await connection.rows(
		`SELECT content FROM ${tableIn(database)} WHERE part > 0 ORDER BY part`,
	);
	return Buffer.concat(rows.map(([content]) => content ?? Buffer.alloc(0)));
}

function parseState(content: Buffer, database: string): JournalState {
	try {
		const state = JSON.parse(content.toString('utf8')) as JournalState;
		if (state.version === 1 && JOURNAL_PHASES.includes(state.phase)) return state;
	} catch {
		// Said below.
	}
	throw new EngineError(
		'sql_restore_unfinished',
		`The journal in database ${database} was written by another version of this package`,
		{
			remedy: 'Update the package n8n-nodes-caosdb, so that it can finish what that version began.',
			details: { database },
		},
	);
}
