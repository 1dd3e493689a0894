import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { EngineError, NO_PROGRESS } from '../../lib/core/index.ts';
import {
	type SqlEndpoint,
	checkConnection,
	dumpDatabase,
	restoreDatabase,
} from '../../lib/sql/index.ts';
import { servers } from '../servers/index.ts';
import { TOOL, chunksOf, context, dump, endpointOf, objectCount, restore } from './sql-session.ts';

async function failure(work: Promise<unknown>): Promise<EngineError> {
	const error: unknown = await work.then(
		() => undefined,
		(caught: unknown) => caught,
	);
	if (!(error instanceof EngineError)) throw new Error(`no EngineError: ${String(error)}`);
	expect(`${error.message} ${error.remedy ?? ''}`).not.toMatch(/\bE[A-Z]{5,}\b|bu-secret/);
	return error;
}

describe.each(servers())('what cannot work is refused on $id', (server) => {
	const database = 'refused';
	const account: SqlEndpoint = { ...endpointOf(server), user: 'bu', password: 'bu-secret' };
	const never = new AbortController().signal;
	const dumpAs = async (endpoint: SqlEndpoint, name = database) =>
		await dumpDatabase({ endpoint, database: name, tool: TOOL }, context());

	/** Rights that let the account `bu` make a full dump, but for the routines. */
	const grant = async (rights: string, on = `${database}.*`) => {
		await server.sql(`GRANT ${rights} ON ${on} TO bu@'%'`);
	};
	beforeAll(async () => {
		await server.dropDatabase(database);
		await server.sql(`DROP USER IF EXISTS bu@'%'; CREATE USER bu@'%' IDENTIFIED BY 'bu-secret'`);
		await server.sql(`CREATE DATABASE ${database}`);
		await server.sql('CREATE TABLE entities (id INT PRIMARY KEY)', database);
	});
	afterAll(async () => {
		await server.sql("DROP USER IF EXISTS bu@'%'");
		await server.dropDatabase(database);
	});

	test('the credential test says who answers', async () => {
		const info = await checkConnection(endpointOf(server), database, never);
		const version = (await server.sql('SELECT VERSION()')).trim();
		expect(info).toMatchObject({ vendor: server.vendor, version });
	});

	test('a wrong password', async () => {
		const endpoint = { ...account, password: 'wrong' };
		expect(await failure(checkConnection(endpoint, undefined, never))).toMatchObject({
			code: 'sql_access_denied',
		});
	});

	test('a closed port, an unknown host and a socket that is not there', async () => {
		const base = endpointOf(server);
		const wrong: SqlEndpoint[] = [
			{ ...base, port: 1 },
			{ ...base, host: 'no-such-host.invalid' },
			{ ...base, socketPath: '/no/such.sock' },
		];
		for (const endpoint of wrong) {
			expect(await failure(checkConnection(endpoint, undefined, never))).toMatchObject({
				code: 'sql_unreachable',
			});
		}
	});

	test('a host that does not answer, after the time limit', async () => {
		const endpoint = { ...endpointOf(server), host: '192.0.2.1', connectTimeoutMs: 300 };
		expect(await failure(checkConnection(endpoint, undefined, never))).toMatchObject({
			code: 'sql_unreachable',
		});
	});

	test('encryption: used when asked for, and refused when it cannot be trusted', async () => {
		const encrypted = { ...endpointOf(server), tls: { verify: false } };
		const trusted = { ...endpointOf(server), tls: { verify: true } };
		expect(await failure(checkConnection(trusted, undefined, never))).toMatchObject({
			code: 'sql_tls_failed',
		});
		const [asked] = await Promise.allSettled([checkConnection(encrypted, undefined, never)]);
		if (asked.status === 'fulfilled') expect(asked.value.tlsCipher).toMatch(/TLS|AES/);
		else expect(asked.reason).toMatchObject({ code: 'sql_tls_failed' });
		if (server.id === 'mysql9') expect(asked.status).toBe('fulfilled');
		const plain = await checkConnection(endpointOf(server), undefined, never);
		expect(plain.tlsCipher).toBeNull();
	});

	test('a missing database', async () => {
		expect(await failure(dumpAs(endpointOf(server), 'nothing_here'))).toMatchObject({
			code: 'sql_database_missing',
		});
	});

	test('an account without rights, then with some, gets the GRANT that is missing', async () => {
		expect((await failure(dumpAs(account))).code).toBe('sql_privilege_missing');
		await grant('SELECT, SHOW VIEW, EVENT');
		const error = await failure(dumpAs(account));
		expect(error).toMatchObject({ code: 'sql_privilege_missing' });
		expect(error.remedy).toContain(
			"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `refused`.* TO 'bu'@'%';",
		);
	});

	test('routines that the account cannot see, and bodies that the server hides', async () => {
		await grant('SELECT, SHOW VIEW, TRIGGER, EVENT');
		await server.sql(
			'CREATE DEFINER=root@localhost FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1',
			database,
		);
		const unseen = await failure(dumpAs(account));
		expect(unseen.code).toBe('sql_privilege_missing');
		await grant('EXECUTE');
		const hidden = await failure(dumpAs(account));
		expect(hidden).toMatchObject({ code: 'sql_privilege_missing' });
		expect(hidden.message).toContain('body of function f is hidden');
		// The remedy is followed to the letter.
		for (const error of [unseen, hidden]) {
			const statement = /GRANT .*;/.exec(error.remedy ?? '')?.[0] ?? '';
			await server.sql(statement);
		}
		const source = await dumpAs(account);
		for await (const chunk of source.chunks) expect(chunk.length).toBeGreaterThan(0);
		expect(source.summary().routines).toEqual([{ kind: 'function', name: 'f' }]);
		await server.sql('DROP FUNCTION f', database);
	});

	test('rights that come by a role count', async () => {
		await server.sql(
			`DROP USER bu@'%'; CREATE USER bu@'%' IDENTIFIED BY 'bu-secret';
			DROP ROLE IF EXISTS backup_role; CREATE ROLE backup_role;
			GRANT ALL ON ${database}.* TO backup_role; GRANT backup_role TO bu@'%';
			SET DEFAULT ROLE backup_role ${server.vendor === 'mysql' ? 'TO' : 'FOR'} bu@'%';
			CREATE TABLE ${database}.plain (a INT); DROP TABLE ${database}.entities;`,
		);
		const source = await dumpAs(account);
		for await (const chunk of source.chunks) expect(chunk.length).toBeGreaterThan(0);
		expect(source.summary().tables.map(({ name }) => name)).toEqual(['plain']);
		await server.sql(
			`CREATE TABLE ${database}.entities (id INT PRIMARY KEY); DROP TABLE ${database}.plain;
			DROP ROLE backup_role`,
		);
	});

	test('a restore without rights on the target says which', async () => {
		const sql = Buffer.from('CREATE TABLE a (b INT);\n-- Dump completed\n');
		const options = { endpoint: account, database: 'refused_target', chunks: chunksOf(sql) };
		const error = await failure(restoreDatabase(options, context()));
		expect(error.code).toBe('sql_privilege_missing');
		expect(error.remedy).toContain("GRANT ALL PRIVILEGES ON `refused_target`.* TO 'bu'@");
	});

	test("CaosDB's tables without any routine", async () => {
		expect(await failure(dumpAs(endpointOf(server)))).toMatchObject({
			code: 'sql_object_unsupported',
		});
	});

	test('a view that does not work any more', async () => {
		await server.sql(
			'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1; CREATE TABLE gone (a INT); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone',
			database,
		);
		expect((await failure(dumpAs(endpointOf(server)))).message).toContain('broken');
		await server.sql('DROP VIEW broken', database);
	});

	test('a target that is not empty stays as it is', async () => {
		const { sql } = await dump(server, database);
		expect(await failure(restore(server, database, sql))).toMatchObject({
			code: 'sql_database_not_empty',
		});
		expect(await objectCount(server, database)).toBe('1 database, 2 objects');
	});

	test('statements that name a database never run', async () => {
		const statements = [
			'USE mysql; USE refused',
			'CREATE DATABASE evil; DROP TABLE refused.entities',
			'DROP DATABASE refused; CREATE DATABASE evil',
			"SELECT 1 INTO OUTFILE '/tmp/evil'",
			'/*!50003 DROP TABLE refused.entities */',
			'INSERT INTO `refused`.`entities` VALUES (1)',
			'SET GLOBAL max_connections = 1',
			'SET PASSWORD = PASSWORD("x")',
			"GRANT ALL ON *.* TO evil@'%'",
			"CREATE USER evil@'%'",
		];
		for (const statement of statements) {
			const sql = Buffer.from(`CREATE TABLE a (b INT);\n${statement};\n-- Dump completed\n`);
			const error = await failure(restore(server, 'refused_target', sql));
			expect(error, statement).toMatchObject({ code: 'sql_object_unsupported' });
			expect(await objectCount(server, 'refused_target')).toBe('0 database, 0 objects');
		}
		expect(await objectCount(server, database)).toBe('1 database, 2 objects');
	});

	test("the dump's own database is never touched, only named", async () => {
		const sql = Buffer.from(
			`DROP DATABASE IF EXISTS refused; CREATE DATABASE refused CHARACTER SET latin1 COLLATE latin1_bin; USE refused;
			CREATE TABLE refused.entities (b VARCHAR(9)); INSERT INTO \`refused\`.\`entities\` VALUES ('refused.x'), ('y');
			ALTER DATABASE refused CHARACTER SET latin1;\n-- Dump completed\n`,
		);
		expect(await restore(server, 'refused_target', sql)).toMatchObject({ rows: 2 });
		expect(await objectCount(server, 'refused_target')).toBe('1 database, 1 objects');
		expect(await objectCount(server, database)).toBe('1 database, 2 objects');
		const charset = 'SELECT @@character_set_database, b FROM entities ORDER BY b';
		expect((await server.sql(charset, 'refused_target')).split('\n')).toEqual([
			'latin1\trefused.x',
			'latin1\ty',
			'',
		]);
		await server.dropDatabase('refused_target');
	});

	test('a statement that is larger than the server takes', async () => {
		const limit = Number(await server.sql('SELECT @@max_allowed_packet'));
		const row = Buffer.alloc(limit, 'x');
		const sql = [
			Buffer.from('CREATE TABLE a (b LONGTEXT);\nINSERT INTO a VALUES ('),
			Buffer.from("'"),
			row,
			Buffer.from("');\n-- Dump completed\n"),
		];
		const options = { endpoint: endpointOf(server), database: 'refused_target' };
		const error = await failure(
			restoreDatabase({ ...options, chunks: chunksOf(...sql) }, context()),
		);
		expect(error).toMatchObject({ code: 'sql_setting_required' });
		expect(await objectCount(server, 'refused_target')).toBe('0 database, 0 objects');
	});

	test('a restore that differs from its manifest', async () => {
		const { sql, summary } = await dump(server, database);
		const tables = summary.tables.map((table) => ({ ...table, rows: table.rows + 1 }));
		const error = await failure(restore(server, 'refused_target', sql, { ...summary, tables }));
		expect(error).toMatchObject({ code: 'sql_verify_failed' });
		expect(await objectCount(server, 'refused_target')).toBe('0 database, 0 objects');
	});

	test('a cancelled signal starts nothing', async () => {
		const ctx = { signal: AbortSignal.abort(), progress: NO_PROGRESS };
		const options = { endpoint: endpointOf(server), database, tool: TOOL };
		expect(await failure(dumpDatabase(options, ctx))).toMatchObject({ code: 'cancelled' });
	});
});
