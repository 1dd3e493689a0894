import { type Connection, type RowDataPacket, createConnection } from 'mysql2/promise';

import { type SqlEndpoint, restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { withTarget } from '../../lib/sql/target-session.ts';
import {
	type DatabaseContent,
	type TestServer,
	contentDifferences,
	databaseContent,
} from '../servers/index.ts';
import { chunksOf, context, dump, endpointOf } from './sql-session.ts';

export type Work = 'restore' | 'rollBack';

/** A database with every kind of object, small enough to cut at each of its statements. */
function content(server: TestServer, word: string): readonly string[] {
	const sequence = [
		`CREATE SEQUENCE seq_${word}`,
		`CREATE TABLE drawn_${word} (id BIGINT DEFAULT nextval(seq_${word}), x INT)`,
		`INSERT INTO drawn_${word} (x) VALUES (1)`,
	];
	return [
		"SET sql_mode='STRICT_TRANS_TABLES'",
		`CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, word VARBINARY(20)) COMMENT '${word}'`,
		`CREATE TABLE child_${word} (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id))`,
		`INSERT INTO parent VALUES (1, '${word}'), (7, 'x')`,
		`INSERT INTO child_${word} VALUES (1, 7)`,
		...(server.vendor === 'mariadb' ? sequence : []),
		`CREATE FUNCTION f() RETURNS VARCHAR(20) DETERMINISTIC RETURN '${word}'`,
		'CREATE VIEW v AS SELECT id, f() AS f FROM parent',
		`CREATE TRIGGER t BEFORE INSERT ON parent FOR EACH ROW SET NEW.word = '${word}'`,
		`CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO SET @e = '${word}'`,
	];
}

/** One server with the old content in the target, the new content as a dump. */
export class FaultWorld {
	readonly #server: TestServer;
	readonly #connection: Connection;
	readonly target: string;
	readonly #work: Work;
	readonly #old: DatabaseContent;
	readonly #new: DatabaseContent;
	readonly sql: Buffer;

	private constructor(
		place: {
			readonly server: TestServer;
			readonly connection: Connection;
			readonly target: string;
			readonly work: Work;
		},
		contents: { readonly old: DatabaseContent; readonly fresh: DatabaseContent },
		dumped: { readonly sql: Buffer },
	) {
		this.#server = place.server;
		this.#connection = place.connection;
		this.target = place.target;
		this.#work = place.work;
		this.#old = contents.old;
		this.#new = contents.fresh;
		this.sql = dumped.sql;
	}

	static async make(
		server: TestServer,
		work: Work,
		target = `fault_${work.toLowerCase()}`,
	): Promise<FaultWorld> {
		const { host, port, user, password } = server.address;
		const connection = await createConnection({
			...{ host, port, user, password, charset: 'utf8mb4' },
		});
		await clear(connection, target);
		await makeContent(connection, server, target, 'new');
		const dumped = await dump(server, target);
		const fresh = await databaseContent(server, target);
		await clear(connection, target);
		await makeContent(connection, server, target, 'old');
		const old = await databaseContent(server, target);
		return new FaultWorld({ server, connection, target, work }, { old, fresh }, dumped);
	}

	/** Brings the target to where the work begins. */
	async prepare(): Promise<void> {
		await clear(this.#connection, this.target);
		await makeContent(this.#connection, this.#server, this.target, 'old');
		if (this.#work === 'rollBack') await this.#restore(endpointOf(this.#server));
	}

	/** Restores the new content over the old one, or rolls that back. */
	async run(port: number): Promise<void> {
		const endpoint = { ...endpointOf(this.#server), host: '127.0.0.1', port };
		if (this.#work === 'restore') return await this.#restore(endpoint);
		await rollBackDatabase({ endpoint, database: this.target }, context());
	}

	async #restore(endpoint: SqlEndpoint): Promise<void> {
		// Without a manifest, so without the connections that read checksums: they change nothing.
		const chunks = chunksOf(this.sql);
		const options = { endpoint, database: this.target, replace: true };
		await restoreDatabase({ ...options, chunks }, context());
	}

	/** What the next run does first. */
	async recover(): Promise<void> {
		const place = { endpoint: endpointOf(this.#server), database: this.target };
		await withTarget(place, context(), {
			work: async () => undefined,
			undo: async () => undefined,
		});
	}

	/** `before` or `after` the work; anything else names what is wrong. */
	async state(): Promise<string> {
		const now = await databaseContent(this.#server, this.target);
		const [before, after] =
			this.#work === 'restore' ? [this.#old, this.#new] : [this.#new, this.#old];
		const beside = (await besideTarget(this.#connection, this.target)).join(' ');
		const kept = /^\w+_before_\d{8}_\d{6}$/.test(beside);
		const fromBefore = contentDifferences(before, now);
		if (fromBefore.length === 0) {
			return (this.#work === 'restore' ? beside === '' : kept)
				? 'before'
				: `before, beside ${beside}`;
		}
		const fromAfter = contentDifferences(after, now);
		if (fromAfter.length === 0) return kept ? 'after' : `after, beside ${beside}`;
		return `${fromBefore.join('\n')}\n---\n${fromAfter.join('\n')}`;
	}

	/** The content that was replaced, in its kept database. */
	async keptDifferences(): Promise<readonly string[]> {
		const [kept = ''] = await besideTarget(this.#connection, this.target);
		const now = await databaseContent(this.#server, kept);
		const objects = new Map(now.objects);
		objects.delete('TABLE _n8n_caosdb_journal');
		const tables = new Map(now.tables);
		tables.delete('_n8n_caosdb_journal');
		const before = this.#work === 'restore' ? this.#old : this.#new;
		const lines = contentDifferences(before, { ...now, objects, tables });
		return lines.filter((line) => !/^EVENT e differs: .*\|ENABLED\|.*\|DISABLED\|/.test(line));
	}

	async dispose(): Promise<void> {
		await clear(this.#connection, this.target);
		await this.#connection.end();
	}
}

async function besideTarget(connection: Connection, target: string): Promise<readonly string[]> {
	const [rows] = await connection.query<RowDataPacket[]>(
		`SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE '${target}\\_%'`,
	);
	return rows.map(({ name }) => String(name));
}

async function clear(connection: Connection, target: string): Promise<void> {
	for (const name of [target, ...(await besideTarget(connection, target))]) {
		await connection.query(`DROP DATABASE IF EXISTS ${name}`);
	}
}

async function makeContent(
	connection: Connection,
	server: TestServer,
	database: string,
	word: string,
): Promise<void> {
	const defaults = word === 'new' ? 'utf8mb3 COLLATE utf8mb3_bin' : 'utf8mb4 COLLATE utf8mb4_bin';
	const statements = [
		`CREATE DATABASE ${database} CHARACTER SET ${defaults}`,
		`USE ${database}`,
		...content(server, word),
		// The engine refuses a target that another session has open.
		'USE information_schema',
	];
	for (const statement of statements) await connection.query(statement);
}
