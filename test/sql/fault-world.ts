import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Connection, type RowDataPacket, createConnection } from 'mysql2/promise';

import { rollBackDatabase } from '../../lib/sql/index.ts';
import { withTarget } from '../../lib/sql/target-session.ts';
import {
	type DatabaseContent,
	type TestServer,
	contentDifferences,
	databaseContent,
} from '../servers/index.ts';
import { type Assignment, WORKS, type Work, carryOut } from './fault-work.ts';
import { context, dump, endpointOf } from './sql-session.ts';

/** For restores in place. */
const NARROW = { user: 'narrow_fault', password: 'narrow-secret' };
const MARKER = '_n8n_caosdb_restore_unfinished';
const JOURNAL = '_n8n_caosdb_journal';

/** A database with every kind of object, small enough to cut at each of its statements. */
function content(server: TestServer, word: string, owner: string): readonly string[] {
	const sequence = [
		`CREATE SEQUENCE seq_${word}`,
		`CREATE TABLE drawn_${word} (id BIGINT DEFAULT nextval(seq_${word}), x INT)`,
		`INSERT INTO drawn_${word} (x) VALUES (1)`,
	];
	const definer = `DEFINER=${owner}`;
	return [
		"SET sql_mode='STRICT_TRANS_TABLES'",
		`CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, word VARBINARY(20)) COMMENT '${word}'`,
		`CREATE TABLE child_${word} (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id))`,
		`INSERT INTO parent VALUES (1, '${word}'), (7, 'x')`,
		`INSERT INTO child_${word} VALUES (1, 7)`,
		...(server.vendor === 'mariadb' ? sequence : []),
		`CREATE ${definer} FUNCTION f() RETURNS VARCHAR(20) DETERMINISTIC RETURN '${word}'`,
		`CREATE ${definer} VIEW v AS SELECT id, f() AS f FROM parent`,
		`CREATE ${definer} TRIGGER t BEFORE INSERT ON parent FOR EACH ROW SET NEW.word = '${word}'`,
		`CREATE ${definer} EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO SET @e = '${word}'`,
	];
}

/** What the target may hold. */
interface Contents {
	readonly old: DatabaseContent;
	readonly fresh: DatabaseContent;
}

/** One server, and a target where the work begins; the new content as a dump. */
export class FaultWorld {
	readonly #server: TestServer;
	readonly #connection: Connection;
	readonly #work: Work;
	readonly #target: string;
	readonly #folder: string;
	readonly #contents: Contents;
	/** What a roll back goes back to. */
	#kept = '';

	private constructor(
		place: { readonly server: TestServer; readonly connection: Connection },
		task: { readonly work: Work; readonly target: string; readonly folder: string },
		contents: Contents,
	) {
		this.#server = place.server;
		this.#connection = place.connection;
		this.#work = task.work;
		this.#target = task.target;
		this.#folder = task.folder;
		this.#contents = contents;
	}

	static async make(server: TestServer, work: Work, prefix: string): Promise<FaultWorld> {
		const { host, port, user, password } = server.address;
		const connection = await createConnection({
			...{ host, port, user, password, charset: 'utf8mb4' },
		});
		const target = `${prefix}_${work.toLowerCase()}`;
		const { user: narrow } = NARROW;
		await connection.query(
			`CREATE USER IF NOT EXISTS '${narrow}'@'%' IDENTIFIED BY '${NARROW.password}'`,
		);
		await connection.query(`GRANT ALL ON ${target}.* TO '${narrow}'@'%'`);
		const folder = await mkdtemp(join(tmpdir(), 'fault-world-'));
		const world = { server, connection };
		await clear(connection, target);
		await makeContent(world, work, target, 'new');
		const { sql } = await dump(server, target);
		await writeFile(join(folder, 'new.sql'), sql);
		// Its last line is not ours, which would count the statements.
		const fails = sql
			.toString('latin1')
			.replace(/\n-- Dump completed.*/, '\nALTER TABLE none ADD x INT;\n-- Dump completed');
		await writeFile(join(folder, 'fails.sql'), Buffer.from(fails, 'latin1'));
		const fresh = await databaseContent(server, target);
		await clear(connection, target);
		await prepareTarget(world, work, target);
		const old = await databaseContent(server, target);
		return new FaultWorld(world, { work, target, folder }, { old, fresh });
	}

	/** Brings the target to where the work begins; it may be there already. */
	async prepare(isThere = false): Promise<void> {
		for (const name of await readdir(this.#folder)) {
			if (name.includes('-safety.')) await rm(join(this.#folder, name));
		}
		if (isThere) return;
		await clear(this.#connection, this.#target);
		await prepareTarget(
			{ server: this.#server, connection: this.#connection },
			this.#work,
			this.#target,
		);
		if (this.#work !== 'rollBack') return;
		await carryOut({ ...this.assignment(), work: 'restore' });
		[this.#kept = ''] = await besideTarget(this.#connection, this.#target);
	}

	/** What is to be done, directly or through a proxy. */
	assignment(port?: number): Assignment {
		const { address } = this.#server;
		const through = port === undefined ? {} : { host: '127.0.0.1', port };
		return {
			...{ work: this.#work, database: this.#target, folder: this.#folder },
			endpoint: {
				...{ ...endpointOf(this.#server), ...(WORKS[this.#work].inPlace ? NARROW : {}) },
				...{ host: address.host, port: address.port, ...through },
			},
			file: join(this.#folder, 'new.sql'),
		};
	}

	async run(port: number): Promise<void> {
		await carryOut(this.assignment(port));
	}

	/**
	 * What the next run does first. Of a restore in place the next run itself is what finishes it, or, when
	 * it fails too, what brings the old content back.
	 */
	async recover(wish: 'finish' | 'undo'): Promise<void> {
		const { work, ...rest } = this.assignment();
		if (WORKS[work].inPlace && wish === 'finish') return await carryOut({ work, ...rest });
		if (WORKS[work].inPlace) {
			const failing = { work, ...rest, file: join(this.#folder, 'fails.sql') };
			const said = await carryOut(failing).then(
				() => 'restored',
				(error: unknown) => String(error),
			);
			if (!said.includes('refused a statement')) throw new Error(said);
			return;
		}
		const place = { endpoint: rest.endpoint, database: this.#target };
		const nothing = { work: async () => undefined, undo: async () => undefined };
		await withTarget(place, context(), nothing);
	}

	/**
	 * Asks for a roll back once more, as a workflow does that got no answer: for the newest while what it
	 * went back to is still there in some way, else by its name.
	 */
	async rollBackAgain(): Promise<void> {
		const isThere = (await besideTarget(this.#connection, this.#target)).includes(this.#kept);
		const named = isThere ? {} : { keptDatabase: this.#kept };
		const { endpoint } = this.assignment();
		const { from } = await rollBackDatabase(
			{ endpoint, database: this.#target, ...named },
			context(),
		);
		if (from !== this.#kept) throw new Error(`rolled back to ${from}, not ${this.#kept}`);
	}

	/** `before` or `after` the work; anything else names what is wrong. */
	async state(): Promise<string> {
		const now = await databaseContent(this.#server, this.#target);
		const { old, fresh } = this.#contents;
		const [before, after] = this.#work === 'rollBack' ? [fresh, old] : [old, fresh];
		const { target, inPlace } = WORKS[this.#work];
		const keeps = target === 'filled' && !inPlace;
		const beside = (await besideTarget(this.#connection, this.#target)).join(' ');
		const isKept = /^\w+_before_\d{8}_\d{6}$/.test(beside);
		const fromBefore = contentDifferences(before, now);
		if (fromBefore.length === 0) {
			return (this.#work === 'rollBack' ? isKept : beside === '')
				? 'before'
				: `before, beside ${beside}`;
		}
		const fromAfter = contentDifferences(after, now);
		if (fromAfter.length === 0) {
			return (keeps ? isKept : beside === '') ? 'after' : `after, beside ${beside}`;
		}
		return `${fromBefore.join('\n')}\n---\n${fromAfter.join('\n')}`;
	}

	/** Whether a person could still find what is replaced in place: it is there, or the marker names its dump. */
	async knowsItsContent(): Promise<boolean> {
		if (this.#work !== 'inPlace' || !(await this.state()).includes('\n')) return true;
		const [notes] = await this.#connection.query<RowDataPacket[]>(
			`SELECT note FROM ${this.#target}.${MARKER}`,
		);
		const dumps = await readdir(this.#folder);
		return dumps.some((name) => notes[0]?.note === join(this.#folder, name));
	}

	/** The content that was replaced, in its kept database. */
	async keptDifferences(): Promise<readonly string[]> {
		const [kept = ''] = await besideTarget(this.#connection, this.#target);
		const now = await databaseContent(this.#server, kept);
		const objects = new Map(now.objects);
		objects.delete(`TABLE ${JOURNAL}`);
		const tables = new Map(now.tables);
		tables.delete(JOURNAL);
		const { old, fresh } = this.#contents;
		const before = this.#work === 'rollBack' ? fresh : old;
		const lines = contentDifferences(before, { ...now, objects, tables });
		return lines.filter((line) => !/^EVENT e differs: .*\|ENABLED\|.*\|DISABLED\|/.test(line));
	}

	async dispose(): Promise<void> {
		await clear(this.#connection, this.#target);
		await this.#connection.end();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

async function besideTarget(connection: Connection, target: string): Promise<readonly string[]> {
	const [rows] = await connection.query<RowDataPacket[]>(
		`SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE '${target.replaceAll('_', '\\_')}\\_%'`,
	);
	return rows.map(({ name }) => String(name));
}

async function clear(connection: Connection, target: string): Promise<void> {
	for (const name of [target, ...(await besideTarget(connection, target))]) {
		await connection.query(`DROP DATABASE IF EXISTS ${name}`);
	}
}

type Place = { readonly connection: Connection; readonly server: TestServer };

async function prepareTarget(place: Place, work: Work, target: string): Promise<void> {
	if (WORKS[work].target === 'filled') await makeContent(place, work, target, 'old');
	else if (WORKS[work].target === 'empty') {
		await place.connection.query(
			`CREATE DATABASE ${target} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
		);
	}
}

async function makeContent(
	{ connection, server }: Place,
	work: Work,
	database: string,
	word: string,
): Promise<void> {
	const defaults = word === 'new' ? 'utf8mb3 COLLATE utf8mb3_bin' : 'utf8mb4 COLLATE utf8mb4_bin';
	const owner = WORKS[work].inPlace ? `${NARROW.user}@'%'` : 'CURRENT_USER';
	const statements = [
		`CREATE DATABASE ${database} CHARACTER SET ${defaults}`,
		`USE ${database}`,
		...content(server, word, owner),
		// The engine refuses a target that another session has open.
		'USE information_schema',
	];
	for (const statement of statements) await connection.query(statement);
}
