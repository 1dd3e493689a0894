import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { resolveCompression } from '../../lib/artifact/index.ts';
import { EngineError } from '../../lib/core/index.ts';
import { sqlBackup } from '../../lib/job/sql-backup.ts';
import { sqlRehearsal } from '../../lib/job/sql-rehearsal.ts';
import { sqlRestore } from '../../lib/job/sql-restore.ts';
import { sqlVerify } from '../../lib/job/sql-verify.ts';
import {
	type DumpCheck,
	type PreflightOptions,
	type PreflightReport,
	type SqlEndpoint,
	checkRestore,
} from '../../lib/sql/index.ts';
import {
	type TestServer,
	contentDifferences,
	databaseContent,
	servers,
	startPrivateServer,
} from '../servers/index.ts';
import { context, endpointOf } from '../sql/sql-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { jobContext } from './job-context.ts';

const TARGET = 'looked_at';
const CHECK: DumpCheck = {
	...{ bytes: 1_000_000, statements: 9, rows: 3, tables: [{ name: 'entities', rows: 3 }] },
	...{ views: 0, routines: 1, triggers: 0, events: 0, largestStatementBytes: 900 },
	...{ definers: [], origin: 'ours' },
};
const EXPECTED = {
	...{ tables: [], views: [], routines: [], triggers: [], events: [], sequences: [] },
	database: { characterSet: 'utf8mb4', collation: 'utf8mb4_bin' },
};

function looker(server: TestServer) {
	const narrow: SqlEndpoint = {
		...endpointOf(server),
		...{ user: 'looking', password: 'looking-secret' },
	};
	const look = async (
		check: Partial<DumpCheck> = {},
		more: Partial<PreflightOptions> = {},
	): Promise<PreflightReport> =>
		await checkRestore(
			{
				...{ endpoint: endpointOf(server), database: TARGET, check: { ...CHECK, ...check } },
				...more,
			},
			context(),
		);
	const makeAccount = async () =>
		await server.sql(
			`DROP USER IF EXISTS looking@'%'; CREATE USER looking@'%' IDENTIFIED BY 'looking-secret';
			GRANT ALL ON \`looked\\_at%\`.* TO looking@'%'`,
		);
	const dropAccount = async () => await server.sql("DROP USER IF EXISTS looking@'%'");
	return { narrow, look, makeAccount, dropAccount };
}

describe.each(servers())('what a look before a restore finds on $id', (server) => {
	const { narrow, look, makeAccount, dropAccount } = looker(server);

	beforeAll(makeAccount);
	afterAll(dropAccount);
	afterEach(async () => await server.dropDatabase(TARGET));

	test('nothing in the way, and the size on the server', async () => {
		const report = await look();
		expect(report).toMatchObject({ target: 'missing', method: 'staged', obstacles: [] });
		expect(report.estimatedBytes).toBe(2_400_000);
		expect((await look({}, { endpoint: narrow })).method).toBe('staged');
	});

	test('a target that is not empty', async () => {
		await server.sql(`CREATE DATABASE ${TARGET}; CREATE TABLE ${TARGET}.t (a INT)`);
		const { target, obstacles } = await look();
		expect(target).toBe('filled');
		expect(obstacles).toMatchObject([{ code: 'sql_database_not_empty' }]);
		expect((await look({}, { replace: true })).obstacles).toEqual([]);
	});

	test('a backup of a later release, of the other vendor, and with a collation it has not', async () => {
		const { vendor, version } = (await look()).server;
		const from = async (source: { vendor: string; version: string }, collation = 'utf8mb4_bin') => {
			const database = { ...EXPECTED.database, collation };
			return await look({}, { expected: { ...EXPECTED, database, server: source } });
		};
		expect((await from({ vendor, version })).warnings.join(' ')).not.toContain('The backup is of');
		expect((await from({ vendor, version: '99.1.0' })).warnings.join(' ')).toContain(
			`which is newer than the target's ${version}`,
		);
		const other = vendor === 'mysql' ? 'mariadb' : 'mysql';
		expect((await from({ vendor: other, version: '9.1.0' })).warnings.join(' ')).toContain(
			`The backup is of ${other} 9.1.0, the target is ${vendor}`,
		);
		expect((await from({ vendor, version }, 'klingon_ci')).obstacles).toMatchObject([
			{
				code: 'sql_object_unsupported',
				message: expect.stringContaining('klingon_ci') as string,
			},
		]);
	});

	test('definers that may not be set, with the GRANT that mends it, and that do not exist', async () => {
		const definers = ['nobody_here@%'];
		const refused = await look({ definers, routines: 0 }, { endpoint: narrow });
		expect(refused.obstacles).toMatchObject([{ code: 'sql_privilege_missing' }]);
		const grant = /GRANT [^;]*;/.exec(refused.obstacles[0]?.remedy ?? '')?.[0] ?? 'none';
		await server.sql(grant);
		expect((await look({ definers, routines: 0 }, { endpoint: narrow })).obstacles).toEqual([]);
		await makeAccount();
		for (const definer of [
			{ mode: 'remove' },
			{ mode: 'replace', account: 'looking@%' },
		] as const) {
			const more = { endpoint: narrow, definer };
			expect((await look({ definers, routines: 0 }, more)).obstacles).toEqual([]);
		}
		expect((await look({ definers })).warnings.join(' ')).toContain(
			'The account nobody_here@%, which owns routines of the backup, does not exist',
		);
	});

	test('a statement that is larger than the server takes', async () => {
		const limit = Number(await server.sql('SELECT @@max_allowed_packet'));
		expect((await look({ largestStatementBytes: limit })).obstacles).toMatchObject([
			{
				code: 'sql_setting_required',
				remedy: expect.stringContaining('max_allowed_packet') as string,
			},
		]);
		expect((await look({ largestStatementBytes: limit - 1 })).obstacles).toEqual([]);
	});

	test('functions that CaosDB needs and MySQL 9 has in a component only', async () => {
		const said = async (tables = CHECK.tables) =>
			(await look({ tables })).warnings.join(' ').includes('no MD5() and SHA1()');
		expect(await said()).toBe(server.vendor === 'mysql');
		expect(await said([{ name: 'things', rows: 1 }])).toBe(false);
	});

	test('not enough space on the disk, where the server tells', async () => {
		if (server.vendor === 'mysql') {
			expect((await look({ bytes: 1e15 })).freeBytes).toBeNull();
			return;
		}
		await server.sql("INSTALL SONAME 'disks'");
		try {
			const { freeBytes } = await look();
			expect(freeBytes).toBeGreaterThan(0);
			expect((await look({ bytes: 1e15 })).obstacles).toMatchObject([{ code: 'disk_full' }]);
		} finally {
			await server.sql("UNINSTALL SONAME 'disks'");
		}
	});
});

/** Settings that a server has from its start. */
describe('settings of a server that stand in the way', () => {
	test.each(['mariadb11', 'mariadb10'] as const)(
		'%s with a binary log and folded names',
		async (id) => {
			const args = ['--log-bin', '--lower-case-table-names=1'];
			const { server, stop } = await startPrivateServer(id, { args, inMemory: true });
			try {
				const { narrow, look, makeAccount } = looker(server);
				await makeAccount();
				const untrusted = await look({}, { endpoint: narrow });
				expect(untrusted.obstacles).toMatchObject([
					{
						code: 'sql_setting_required',
						remedy: expect.stringContaining('log_bin_trust_function_creators = 1') as string,
					},
				]);
				expect((await look()).warnings.join(' ')).toContain('log_bin_trust_function_creators = 1');
				await server.sql('SET GLOBAL log_bin_trust_function_creators = 1');
				expect((await look({}, { endpoint: narrow })).obstacles).toEqual([]);
				const named = (...names: readonly string[]) => ({
					tables: names.map((name) => ({ name, rows: 0 })),
				});
				expect((await look(named('entities', 'Entities'))).obstacles).toMatchObject([
					{ code: 'sql_object_unsupported' },
				]);
				const capital = await look(named('Entities'));
				expect(capital.obstacles).toEqual([]);
				expect(capital.warnings.join(' ')).toContain('folds capital letters');
			} finally {
				await stop();
			}
		},
	);

	test('MySQL that does not trust the creators of functions', async () => {
		for (const server of servers('mysql9')) {
			const { narrow, look, makeAccount, dropAccount } = looker(server);
			await makeAccount();
			await server.sql('SET GLOBAL log_bin_trust_function_creators = 0');
			try {
				expect((await look({}, { endpoint: narrow })).obstacles).toMatchObject([
					{ code: 'sql_setting_required' },
				]);
				expect((await look()).obstacles).toEqual([]);
			} finally {
				await server.sql('SET GLOBAL log_bin_trust_function_creators = 1');
				await dropAccount();
			}
		}
	});
});

describe.each(servers())('an obstacle is the same for every operation on $id', (server) => {
	const { narrow, makeAccount, dropAccount } = looker(server);

	beforeAll(makeAccount);
	afterAll(async () => {
		await dropAccount();
		await server.dropDatabase(TARGET);
	});
	beforeEach(async () => {
		await server.dropDatabase(TARGET);
		await server.sql(
			`CREATE DATABASE ${TARGET}; USE ${TARGET}; CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);
			CREATE DEFINER=nobody_here@'%' PROCEDURE p() SELECT 1`,
		);
	});

	/** A set of the target, and what each operation on it fails with; the target stays as it is. */
	const outcomes = async (endpoint: SqlEndpoint, harm: (file: string) => Promise<void>) => {
		const folder = await temporaryFolder();
		const { backupSet = '', fileName } = await sqlBackup(
			{
				...{ endpoint: endpointOf(server), database: TARGET, verify: true },
				destination: {
					...{ kind: 'newSet', backups: { path: folder, displayPath: folder } },
					...{ instance: 'looked', expected: ['sql'] },
				},
				compression: resolveCompression('zstd'),
			},
			jobContext(),
		);
		await harm(join(backupSet, String(fileName)));
		const before = await databaseContent(server, TARGET);
		const source = { kind: 'set', set: { path: backupSet, displayPath: backupSet } } as const;
		const given = { endpoint, database: TARGET, source, replace: true };
		const codes: string[] = [];
		for (const operation of [sqlVerify, sqlRehearsal, sqlRestore]) {
			const said = await operation(given, jobContext()).then(
				() => 'done',
				(error: unknown) =>
					error instanceof EngineError ? `${error.code}: ${error.message}` : String(error),
			);
			codes.push(said);
			if (said !== 'done') {
				expect(contentDifferences(before, await databaseContent(server, TARGET))).toEqual([]);
				const beside = await server.sql(`SHOW DATABASES LIKE '${TARGET}\\_%'`);
				expect(beside).toBe('');
			}
		}
		return codes;
	};
	const nothing = async () => await Promise.resolve();

	test('a right that is missing', async () => {
		const codes = await outcomes(narrow, nothing);
		expect(new Set(codes).size, codes.join('\n')).toBe(1);
		expect(codes[0]).toContain('sql_privilege_missing: The account looking@%');
	});

	test.each([
		['flipped', 'artifact_corrupt'],
		['cut', 'artifact_truncated'],
	])('a file of the set with a byte %s', async (harm, code) => {
		const codes = await outcomes(endpointOf(server), async (file) => {
			const bytes = await readFile(file);
			if (harm === 'cut') return await writeFile(file, bytes.subarray(0, -1));
			const at = bytes.length >> 1;
			bytes[at] = (bytes[at] ?? 0) ^ 1;
			await writeFile(file, bytes);
		});
		expect(codes.map((said) => said.split(':')[0])).toEqual([code, code, code]);
	});

	test('no obstacle: each does its work, and only the restore changes the target', async () => {
		expect(await outcomes(endpointOf(server), nothing)).toEqual(['done', 'done', 'done']);
		const beside = await server.sql(`SHOW DATABASES LIKE '${TARGET}\\_%'`);
		expect(beside).toMatch(/^looked_at_before_\d{8}_\d{6}\n$/);
		await server.dropDatabase(beside.trim());
	});
});
