import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import { text } from './cells.ts';
import type { ReadStatement } from './dump-reader.ts';
import { ownedBy } from './definer.ts';
import type { DumpDefiners } from './dump-content.ts';
import { type DeferredKeys, deferKeys } from './deferred-keys.ts';
import { DISABLED, type EventStatus, withEventStatus } from './event-status.ts';
import { decideStatement, tableDefaults } from './load-rules.ts';
import { LineLoader } from './line-loader.ts';
import type { LoadLane, LoadLanes } from './load-lanes.ts';
import { quoteIdentifier } from './identifiers.ts';
import { insertHead } from './insert-head.ts';
import { insertParts } from './insert-parts.ts';
import { OwnDatabase } from './own-database.ts';
import type { ServerInfo } from './server-info.ts';
import { sqlModeOf } from './sql-mode-statement.ts';
import type { StatementKind } from './statement-kind.ts';

/** Modes that MySQL 8 dropped and that mean nothing for what a dump creates. */
const DROPPED_MODES = [
	'NO_AUTO_CREATE_USER',
	'NO_FIELD_OPTIONS',
	'NO_KEY_OPTIONS',
	'NO_TABLE_OPTIONS',
];
/** The one packet byte before the statement. */
const PACKET_OVERHEAD_BYTES = 1;
/** Event execution time is in the past: the server made no event, with a note only. */
const EVENT_NOT_MADE = 1588;
const MAX_WARNINGS = 50;
/** Off, as most dumps want them, MariaDB's bulk insert loses rows (measured), and connections block each other. */
const UNIQUE_CHECKS = /UNIQUE_CHECKS$/;

export interface LoadOptions {
	/** The database has the default character set of the dump. */
	readonly defaultsKnown: boolean;
	readonly mayChangeDefaults: boolean;
	/** In a database that is not the target yet no event may run. */
	readonly disableEvents: boolean;
	/** Default: as in the dump. */
	readonly definer?: DumpDefiners | undefined;
	/** False: tables are made with all their keys. Default true. */
	readonly deferKeys?: boolean | undefined;
	/** Tables with so few rows that their secondary keys are better made with them. */
	readonly smallTables?: ReadonlySet<string> | undefined;
	/** Absent: rows are sent as INSERT. Else the dump is ours, and this is the database that is filled. */
	readonly linesInto?: string | undefined;
}

/** A statement of a dump as it may be sent. */
export interface LoadStatement extends ReadStatement {
	readonly sql: Buffer;
}

/** Decides what is sent of a dump, in which form, and what its answers must be. */
export class StatementLoader {
	/** One-time events whose moment has passed: the server does not keep them. */
	expiredEvents = 0;
	/** What the dump said of each event, when they are loaded disabled. */
	readonly events: Record<string, EventStatus> = {};
	readonly #server: ServerInfo;
	readonly #warnings = new Set<string>();
	readonly #own = new OwnDatabase();
	/** True while the database has its server's default character set, because none was known. */
	#defaultsUnknown: boolean;
	readonly #mayChangeDefaults: boolean;
	readonly #disableEvents: boolean;
	readonly #definer: DumpDefiners;
	readonly #deferKeys: boolean;
	readonly #smallTables: ReadonlySet<string>;
	readonly #lines: LineLoader | undefined;
	readonly #deferred = new Map<string, DeferredKeys>();

	constructor(server: ServerInfo, options: LoadOptions) {
		this.#server = server;
		this.#deferKeys = options.deferKeys ?? true;
		this.#smallTables = options.smallTables ?? new Set();
		const { linesInto } = options;
		this.#lines = linesInto === undefined ? undefined : new LineLoader(linesInto);
		this.#defaultsUnknown = !options.defaultsKnown;
		this.#mayChangeDefaults = options.mayChangeDefaults;
		this.#disableEvents = options.disableEvents;
		this.#definer = options.definer ?? { mode: 'keep' };
	}

	/** False: the first table will tell the character set of the database. */
	get defaultsKnown(): boolean {
		return !this.#defaultsUnknown;
	}

	get warnings(): readonly string[] {
		return [...this.#warnings].slice(0, MAX_WARNINGS);
	}

	/**
	 * Call in the order of the dump. `undefined`: nothing is sent. Throws `sql_object_unsupported` for a
	 * statement that must not run, `sql_setting_required` for one that the server is too small for.
	 */
	prepare(read: ReadStatement): LoadStatement | undefined {
		const { statement, kind } = read;
		const decision = decideStatement(kind, statement.offset);
		const sql = this.#own.adapt(statement.bytes, kind, statement.offset);
		if (decision === 'skip' || sql === undefined) return undefined;
		const limit = this.#server.maxAllowedPacket;
		if (statement.length + PACKET_OVERHEAD_BYTES <= limit) return { ...read, sql };
		throw new EngineError(
			'sql_setting_required',
			`The dump holds a statement of ${statement.length} bytes; the server takes ${limit}`,
			{
				remedy: `Raise max_allowed_packet of the server above ${statement.length} (at most 1G), then start again.`,
				details: { statementBytes: statement.length, maxAllowedPacket: limit },
			},
		);
	}

	/** Sends a statement and proves its answer. */
	async run(lane: LoadLane, prepared: LoadStatement): Promise<void> {
		const { statement, kind } = prepared;
		if (kind.verb === 'insert') return await this.#insert(lane, prepared);
		// ALTER DATABASE, or CREATE DATABASE with a character set.
		const isDatabase = 'object' in kind && kind.object === 'database';
		if (isDatabase) this.#defaultsUnknown = false;
		const isTable = kind.verb === 'create' && kind.object === 'table';
		if (isTable && this.#defaultsUnknown) await this.#guessDefaults(lane, statement.bytes);
		await this.#completeTables(lane, kind);
		const { warnings } = await lane.exec(this.#adapted(prepared.sql, kind));
		if (kind.verb === 'set' && kind.variables.some((name) => UNIQUE_CHECKS.test(name))) {
			await lane.exec('SET unique_checks=1');
		}
		if (warnings > 0 && kind.verb === 'create' && kind.object === 'event') {
			await this.#noteWarnings(lane, `event ${kind.names[0]?.name ?? ''}`);
		}
	}

	async #insert(lane: LoadLane, prepared: LoadStatement): Promise<void> {
		const { statement, kind, rows, sql } = prepared;
		if (kind.verb !== 'insert') return;
		const table = kind.table.name ?? '';
		const plain = kind.plain && rows > 0;
		if (plain && (await this.#lines?.load(lane, { table, sql, rows })) === true) return;
		let affectedRows = 0;
		for (const part of partsOf(prepared)) {
			const result = await lane.insert(part);
			affectedRows += result.affectedRows;
			if (result.warnings > 0) await this.#noteWarnings(lane, `rows of table ${table}`);
		}
		if (plain && affectedRows !== rows) {
			throw new EngineError(
				'sql_verify_failed',
				`Table ${table} took ${affectedRows} of ${rows} rows`,
				{
					remedy: 'Look at the keys of the table and the server log.',
					details: { table, rows, affectedRows, offset: statement.offset },
				},
			);
		}
	}

	/**
	 * Makes the keys that were left out while rows came in, the largest table first: after the last
	 * statement, and under sessions of our own, for the dump may have left any.
	 */
	async addKeys(
		lanes: LoadLanes,
		rows: ReadonlyMap<string, number>,
		ctx: EngineContext,
	): Promise<void> {
		const total = this.#deferred.size;
		let done = 0;
		const size = (table: string) => rows.get(table) ?? 0;
		const queue = [...this.#deferred].sort(([a], [b]) => size(b) - size(a));
		await lanes.drain(queue, async (lane, [table, { keys }]) => {
			throwIfAborted(ctx.signal);
			ctx.progress.report({ phase: 'load', done, total, unit: 'entries', item: table });
			done += 1;
			await this.#alter(lane, table, keys);
		});
		// All keys first: a foreign key makes one of its own where it finds none. One after the other, since
		// each waits for the tables that it refers to.
		for (const [table, { foreignKeys }] of this.#deferred) {
			throwIfAborted(ctx.signal);
			await this.#alter(lanes.primary, table, foreignKeys);
		}
		this.#deferred.clear();
	}

	async #alter(lane: LoadLane, table: string, additions: readonly Buffer[]): Promise<void> {
		if (additions.length === 0) return;
		const parts = additions.flatMap((addition, index) => [
			Buffer.from(index === 0 ? ' ' : ', '),
			addition,
		]);
		const alter = Buffer.from(`ALTER TABLE ${quoteIdentifier(table)}`);
		await lane.exec(Buffer.concat([alter, ...parts]));
	}

	/** Before a statement that changes or drops a table whose keys are still to come. */
	async #completeTables(lane: LoadLane, kind: StatementKind): Promise<void> {
		if (kind.verb !== 'alter' && kind.verb !== 'drop') return;
		for (const { name = '' } of kind.names) {
			const deferred = this.#deferred.get(name);
			if (deferred === undefined) continue;
			this.#deferred.delete(name);
			await this.#alter(lane, name, deferred.keys);
			await this.#alter(lane, name, deferred.foreignKeys);
		}
	}

	#adapted(sql: Buffer, kind: StatementKind): Buffer {
		if (kind.verb === 'set') return this.#withoutDroppedModes(sql);
		if (kind.verb !== 'create') return sql;
		if (kind.object === 'table') return this.#withoutKeys(sql, kind.names[0]?.name ?? '');
		const owned = ownedBy(sql, this.#definer);
		if (!this.#disableEvents || kind.object !== 'event') return owned;
		const disabled = withEventStatus(owned, DISABLED);
		this.events[kind.names[0]?.name ?? ''] = disabled.was;
		return disabled.sql;
	}

	#withoutKeys(sql: Buffer, table: string): Buffer {
		const what = this.#smallTables.has(table) ? 'foreignKeys' : 'all';
		const deferred = this.#deferKeys ? deferKeys(sql, what) : undefined;
		if (deferred === undefined || this.#deferred.has(table)) return sql;
		this.#deferred.set(table, deferred);
		return deferred.bare;
	}

	/** Server warnings by number only: their texts may quote data. */
	async #noteWarnings(lane: LoadLane, what: string): Promise<void> {
		const { rows } = await lane.rows('SHOW WARNINGS');
		const numbers = [...new Set(rows.map((row) => Number(text(row[1]))))];
		if (numbers.includes(EVENT_NOT_MADE)) {
			this.expiredEvents += 1;
			this.#warnings.add(`The server did not make ${what}: its moment has passed.`);
			return;
		}
		this.#warnings.add(`The server warned about ${what} (number ${numbers.join(', ')}).`);
	}

	/** A dump of mysqldump does not tell the database's character set, but its routines depend on it. */
	async #guessDefaults(lane: LoadLane, createTable: Buffer): Promise<void> {
		this.#defaultsUnknown = false;
		const defaults = tableDefaults(createTable);
		if (defaults === undefined) return;
		const { characterSet, collation } = defaults;
		if (!this.#mayChangeDefaults) {
			this.#warnings.add(
				`The dump does not tell the default character set of its database; the target keeps its own (its first table has ${collation}).`,
			);
			return;
		}
		await lane.exec(`ALTER DATABASE CHARACTER SET ${characterSet} COLLATE ${collation}`);
		this.#warnings.add(
			`The dump does not tell the default character set of its database; that of its first table was taken (${collation}).`,
		);
	}

	#withoutDroppedModes(sql: Buffer): Buffer {
		const mode = this.#server.vendor === 'mysql' ? sqlModeOf(sql) : undefined;
		if (mode === undefined || this.#server.major < 8) return sql;
		const dropped = mode.modes.filter((name) => DROPPED_MODES.includes(name));
		if (dropped.length === 0) return sql;
		this.#warnings.add(`This server has no sql_mode ${dropped.join(', ')}; it was left out.`);
		const kept = mode.modes.filter((name) => !DROPPED_MODES.includes(name)).join(',');
		return Buffer.concat([sql.subarray(0, mode.start), Buffer.from(kept), sql.subarray(mode.end)]);
	}
}

/** Smaller statements are sent as they are. */
const PART_BYTES = 128 * 1024;

function partsOf({ statement, kind, rows, sql }: LoadStatement): readonly Buffer[] {
	const plain = kind.verb === 'insert' && kind.plain && rows > 1;
	if (!plain || sql.length < PART_BYTES || sql !== statement.bytes) return [sql];
	const head = insertHead(sql);
	return head === undefined ? [sql] : insertParts(sql, head, statement.groupEnds);
}
