import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type EngineError, NO_PROGRESS } from '../../lib/core/index.ts';
import { SqlConnection } from '../../lib/sql/connection.ts';
import { type DumpFrame, type RestoreOptions, restoreDatabase } from '../../lib/sql/index.ts';
import {
	type DatabaseContent,
	contentDifferences,
	databaseContent,
	servers,
} from '../servers/index.ts';
import { type DumpInFrames, dumpInFrames } from './framed-dump-of.ts';
import { chunksOf, context, dump, endpointOf, engineSessions } from './sql-session.ts';

const SOURCE = 'spread_source';
const TARGET = 'spread_target';
const ROWS = 16_384;

/** Every byte value, as hexadecimal digits. */
const ALL = Buffer.from(Array.from({ length: 256 }, (_value, byte) => byte)).toString('hex');

/** Tables of several frames each, with and without a primary key, and what depends on them. */
const CONTENT = `
	CREATE TABLE keyed (id INT PRIMARY KEY AUTO_INCREMENT, word VARBINARY(760), twice BIGINT AS (n * 2) STORED,
		n INT, KEY n (n, word), UNIQUE KEY (word, id));
	CREATE TABLE loose (n INT, note VARCHAR(800) CHARACTER SET utf8mb4, KEY note (note(20)), KEY (n));
	CREATE TABLE child (id INT PRIMARY KEY, keyed INT, CONSTRAINT of_keyed FOREIGN KEY (keyed) REFERENCES keyed (id));
	CREATE TABLE nothing (a INT);
	CREATE TABLE kinds (id INT PRIMARY KEY, d DOUBLE, f FLOAT, n DECIMAL(40,20), b BIGINT UNSIGNED, day DATE,
		at DATETIME(6), stamp TIMESTAMP(3) NULL, t TIME(6), y YEAR, e ENUM('x', 'y'), s SET('p', 'q'),
		l VARCHAR(300) CHARACTER SET latin1, u VARCHAR(300) CHARACTER SET utf8mb4, bin BLOB, w CHAR(5) CHARACTER SET ucs2);
	SET sql_mode = '', time_zone = '+00:00';
	INSERT INTO kinds VALUES (1, -0e0, 1.17e-38, -0.00000000000000000001, 18446744073709551615, '0000-00-00',
			'0000-00-00 00:00:00', '1970-01-01 00:00:01.5', '-838:59:59', 0, 'y', 'p,q', CONVERT(0x${ALL} USING latin1), 'ü\t\n\\\\N', 0x${ALL}, 'ab '),
		(2, 1.7e308, 3.4e38, 0, 0, '9999-12-31', '2020-01-01 00:00:00.000001', NULL, '838:59:59', 2155, 'x', '', '', '', '', ''),
		(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		(4, 0.1, 0.1, 1, 1, '2000-01-01', '0000-00-00', '2038-01-19 03:14:07.999', '00:00:00', 1901, 'x', 'q', 'NULL', '\\N', 0x5C4E, '😀');
	INSERT INTO kinds SELECT id + 4, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 8, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 16, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 32, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 64, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 128, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 256, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	INSERT INTO kinds SELECT id + 512, d, f, n, b, day, at, stamp, t, y, e, s, l, u, bin, w FROM kinds;
	SET sql_mode = DEFAULT;
	CREATE TABLE locked (a INT PRIMARY KEY, b VARCHAR(100)) ENGINE=MyISAM;
	INSERT INTO keyed (n, word) VALUES (1, 0x00FF27225C0A0D1A), (2, REPEAT('w', 750)), (NULL, NULL), (4, '');
	INSERT INTO loose VALUES (0, '\\\\N'), (1, NULL), (2, 'ü;''"\`-- x'), (3, REPEAT('l', 780));
	INSERT INTO locked VALUES (1, 'x'), (2, ';');
	CREATE DEFINER='nobody'@'nowhere' FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1;
	CREATE DEFINER='nobody'@'nowhere' TRIGGER t BEFORE INSERT ON loose FOR EACH ROW SET NEW.n = NEW.n + 1000000;
	CREATE VIEW v AS SELECT id, twice FROM keyed;
	CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO SET @e = 1;`;

describe.each(servers())('a restore over several connections on $id', (server) => {
	let source: DatabaseContent;
	let whole: DumpInFrames;
	let strike: (frame: DumpFrame, index: number) => Promise<void>;
	const quiet = async () => await Promise.resolve();

	beforeAll(async () => {
		for (const name of [SOURCE, TARGET]) await server.dropDatabase(name);
		await server.sql(`CREATE DATABASE ${SOURCE} CHARACTER SET utf8mb4`);
		await server.sql(CONTENT.replace(/CREATE DEFINER='nobody'@'nowhere' TRIGGER.*/, ''), SOURCE);
		for (let rows = 4; rows < ROWS; rows *= 2) {
			await server.sql(
				`INSERT INTO keyed (n, word) SELECT n + ${rows}, word FROM keyed;
				INSERT INTO loose SELECT n + ${rows}, note FROM loose;`,
				SOURCE,
			);
		}
		const trigger = /CREATE DEFINER='nobody'@'nowhere' TRIGGER.*/.exec(CONTENT)?.[0] ?? '';
		await server.sql(`INSERT INTO child SELECT id, id FROM keyed; ${trigger}`, SOURCE);
		source = await databaseContent(server, SOURCE);
		const read = async (frame: DumpFrame, index: number) => await strike(frame, index);
		whole = await dumpInFrames(server, SOURCE, { statementBytes: 65_536 }, read);
		expect(
			whole.framed.frames.filter(({ object }) => object === 'table:loose').length,
		).toBeGreaterThan(2);
	});
	beforeEach(async () => {
		strike = quiet;
		const names = (await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).split('\n');
		for (const name of names.filter(Boolean)) await server.dropDatabase(name);
	});
	afterAll(async () => {
		await server.dropDatabase(SOURCE);
		await server.dropDatabase(TARGET);
	});

	const restore = async (options: Partial<RestoreOptions>, signal?: AbortSignal) =>
		await restoreDatabase(
			{ endpoint: endpointOf(server), database: TARGET, connections: 3, ...options },
			context(signal),
		);
	const framed = () => ({ framed: whole.framed, expected: whole.summary });
	const failure = async (work: Promise<unknown>) =>
		await work.then(
			() => 'no error',
			(error: EngineError) => error.code,
		);
	/** The dump without its times, and without the borders of statements: they depend on the server's statistics. */
	const rowByRow = (sql: Buffer) =>
		sql
			.toString('latin1')
			.replaceAll(/^-- (Snapshot:|Dump completed on|SQL dump of).*$/gm, '')
			.replaceAll(/^INSERT INTO .*\n/gm, '')
			.replaceAll(/\)[,;]$/gm, ')');
	const expectEqual = async () => {
		expect(contentDifferences(source, await databaseContent(server, TARGET))).toEqual([]);
	};

	test.each([1, 2, 3, 8])(
		'by frames over %d connections is equal, row by row',
		async (connections) => {
			const report = await restore({ ...framed(), connections });
			expect(report).toMatchObject({ verifiedBy: 'checksums', bytes: whole.sql.length });
			expect(report.statements).toBe(whole.summary.statements);
			// MariaDB says that its scheduler of events is off.
			expect(report.warnings.filter((warning) => !warning.includes('event e'))).toEqual([]);
			await expectEqual();
			const again = await dump(server, TARGET, { statementBytes: 65_536 });
			// Also the order of rows in a table without a key.
			expect(rowByRow(again.sql) === rowByRow(whole.sql)).toBe(true);
			await expect.poll(async () => await engineSessions(server)).toEqual([]);
		},
	);

	test.each([1, 3])('as one stream over %d connections is equal', async (connections) => {
		const chunks = chunksOf(...cut(whole.sql, 100_000));
		expect(await restore({ chunks, connections })).toMatchObject({ verifiedBy: 'rows' });
		await expectEqual();
	});

	test('of the standard tool over 3 connections is equal', async () => {
		const sql = await server.dump(['--routines', '--events', '--net-buffer-length=16384', SOURCE]);
		await restore({ chunks: chunksOf(...cut(sql, 65_536)) });
		const differences = contentDifferences(source, await databaseContent(server, TARGET));
		// mysqldump loses the sign of -0.
		expect(differences.filter((text) => !text.startsWith('kinds differs'))).toEqual([]);
	});

	test('a small dump is loaded with its keys, over one connection', async () => {
		const small = await dumpInFrames(server, SOURCE, {
			structureOnly: ['keyed', 'loose', 'child', 'kinds'],
		});
		await restoreDatabase(
			{
				endpoint: endpointOf(server),
				database: TARGET,
				framed: small.framed,
				expected: small.summary,
			},
			context(),
		);
		const keys = `SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA =`;
		const of = async (name: string) => await server.sql(`${keys} '${name}' ORDER BY 1, 2, 3`);
		expect(await of(TARGET)).toBe(await of(SOURCE));
	});

	test.each([0, 1, 2])(
		'a connection that is killed in mid-load (%d) fails the whole and leaves the old content',
		async (which) => {
			await restore(framed());
			await server.sql("UPDATE keyed SET word = 'old' WHERE id < 100", TARGET);
			const old = await databaseContent(server, TARGET);
			let killed = false;
			strike = async (frame) => {
				if (killed || frame.object !== 'table:loose') return;
				const sessions = (await engineSessions(server)).map(Number).sort((a, b) => a - b);
				if (sessions.length < 3) return;
				killed = true;
				await server.sql(`KILL ${sessions[which] ?? 0}`);
			};
			const code = await failure(restore({ ...framed(), replace: true }));
			expect(killed).toBe(true);
			expect(code).toBe('sql_connection_lost');
			expect(contentDifferences(old, await databaseContent(server, TARGET))).toEqual([]);
			await expect.poll(async () => await engineSessions(server)).toEqual([]);
			const left = await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`);
			expect(left.trim()).toBe(TARGET);
		},
	);

	test.each(['framed', 'stream'])('a cancel in mid-load (%s) leaves nothing', async (how) => {
		const controller = new AbortController();
		strike = async (frame, index) => {
			await Promise.resolve();
			if (frame.object === 'table:loose' && index > 3) controller.abort();
		};
		async function* stream() {
			for (const [index, part] of cut(whole.sql, 100_000).entries()) {
				if (index === 8) controller.abort();
				await Promise.resolve();
				yield part;
			}
		}
		const options = how === 'framed' ? framed() : { chunks: stream() };
		expect(await failure(restore(options, controller.signal))).toBe('cancelled');
		expect((await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).trim()).toBe('');
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});

	test('an account that may open two connections loads over those', async () => {
		const account = "'two_only'@'%'";
		await server.sql(
			`DROP USER IF EXISTS ${account}; CREATE USER ${account} IDENTIFIED BY 'x';
			GRANT ALL ON *.* TO ${account}; ALTER USER ${account} WITH MAX_USER_CONNECTIONS 2;`,
		);
		const endpoint = { ...endpointOf(server), user: 'two_only', password: 'x' };
		const report = await restore({ ...framed(), endpoint, connections: 4 });
		expect(report.warnings.join(' ')).toContain('Loaded over 2 of 4 connections');
		await expectEqual();
		await server.sql(`DROP USER ${account}`);
	});

	test('a frame that ends within a statement is refused', async () => {
		const { frames } = whole.framed;
		async function* read(from: number, to: number) {
			for await (const bytes of whole.framed.read(from, to)) yield bytes.subarray(0, -3);
		}
		const code = await failure(restore({ ...framed(), framed: { frames, read } }));
		expect(code).toBe('artifact_truncated');
		expect((await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).trim()).toBe('');
	});

	test('a frame that is missing is found', async () => {
		const { frames } = whole.framed;
		const missing = frames.findLastIndex(({ object }) => object === 'table:loose');
		async function* read(from: number, to: number) {
			for (let at = from; at < to; at += 1)
				if (at !== missing) yield* whole.framed.read(at, at + 1);
		}
		const code = await failure(restore({ ...framed(), framed: { frames, read } }));
		expect(code).toBe('artifact_corrupt');
	});

	const status = async (name: string) =>
		Number((await server.sql(`SHOW GLOBAL STATUS LIKE '${name}'`)).split('\t')[1]);
	/** Does something while the server allows LOAD DATA LOCAL, or does not. */
	const withLocalData = async (allowed: boolean, work: () => Promise<void>) => {
		const was = (await server.sql('SELECT @@GLOBAL.local_infile')).trim();
		await server.sql(`SET GLOBAL local_infile = ${Number(allowed)}`);
		try {
			await work();
		} finally {
			await server.sql(`SET GLOBAL local_infile = ${was}`);
		}
	};
	/** The dump with one text in the rows of `kinds` changed, once. */
	const changed = (from: string, to: string) => {
		let done = false;
		async function* read(first: number, last: number) {
			for await (const bytes of whole.framed.read(first, last)) {
				const rows = Buffer.from(bytes).includes('INSERT INTO `kinds`') && !done;
				const at = rows ? Buffer.from(bytes).indexOf(from, 0, 'latin1') : -1;
				done ||= at >= 0;
				const parts = [bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)];
				yield at < 0 ? bytes : Buffer.concat(parts);
			}
		}
		return { frames: whole.framed.frames, read };
	};

	test.each([true, false])('is equal where LOAD DATA LOCAL is allowed: %s', async (allowed) => {
		await withLocalData(allowed, async () => {
			const before = await status('Com_load');
			expect(await restore(framed())).toMatchObject({ verifiedBy: 'checksums' });
			expect((await status('Com_load')) - before > 0).toBe(allowed);
			await expectEqual();
		});
	});

	test('rows that LOAD DATA does not take as they are go by INSERT, which says why', async () => {
		await withLocalData(true, async () => {
			const before = await status('Com_rollback_to_savepoint');
			const twice = changed('\n(5,', '\n(1,');
			expect(await failure(restore({ ...framed(), framed: twice }))).toBe('sql_statement_failed');
			expect(await status('Com_rollback_to_savepoint')).toBe(before + 1);
			expect((await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`)).trim()).toBe('');

			const report = await restore({ framed: changed("'x'", "'?'") });
			expect(await status('Com_rollback_to_savepoint')).toBe(before + 2);
			expect(report.warnings.join(' ')).toContain('The server warned about rows of table kinds');
			const counts = 'SELECT COUNT(*), SUM(id) FROM';
			const [is, should] = [`${counts} ${TARGET}.kinds`, `${counts} ${SOURCE}.kinds`];
			expect(await server.sql(is)).toBe(await server.sql(should));
		});
	});

	test('a server that asks for a file gets none', async () => {
		await withLocalData(true, async () => {
			await restore(framed());
			const choice = { database: TARGET, localData: true };
			const connection = await SqlConnection.open(endpointOf(server), choice, context().signal);
			const load = connection.exec(
				"LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE nothing FIELDS TERMINATED BY '\\0'",
			);
			await load.catch(() => undefined);
			await connection.close();
			expect((await server.sql(`SELECT COUNT(*) FROM ${TARGET}.nothing`)).trim()).toBe('0');
		});
	});

	test('reports its progress', async () => {
		const phases = new Set<string>();
		const progress = {
			...NO_PROGRESS,
			report: ({ phase }: { phase: string }) => void phases.add(phase),
		};
		await restoreDatabase(
			{ endpoint: endpointOf(server), database: TARGET, ...framed(), connections: 2 },
			{ ...context(), progress },
		);
		expect([...phases]).toEqual(expect.arrayContaining(['load', 'verify']));
	});
});

function cut(bytes: Buffer, size: number): Buffer[] {
	const parts: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
	return parts;
}
