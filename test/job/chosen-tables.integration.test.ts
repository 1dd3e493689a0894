import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { resolveCompression } from '../../lib/artifact/index.ts';
import { sqlBackup } from '../../lib/job/sql-backup.ts';
import { type SqlRestoreInput, sqlRestore } from '../../lib/job/sql-restore.ts';
import { databaseContent, servers } from '../servers/index.ts';
import { endpointOf } from '../sql/sql-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderOf, jobContext } from './job-context.ts';

const [SOURCE, TARGET] = ['choice_source', 'choice_target'];

describe.each(servers())('single tables out of a set on $id', (server) => {
	beforeAll(async () => {
		for (const name of [SOURCE, TARGET]) await server.dropDatabase(name);
		await server.sql(`CREATE DATABASE ${SOURCE}`);
		await server.sql(
			`CREATE TABLE parent (id INT PRIMARY KEY, word VARBINARY(300), KEY (word));
			CREATE TABLE child (id INT PRIMARY KEY, parent INT, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parent (id));
			CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, CONSTRAINT of_child FOREIGN KEY (child) REFERENCES child (id));
			CREATE TABLE other (a INT);
			INSERT INTO parent VALUES (0, REPEAT(0x00FF27, 90)), (1, NULL), (2, ''), (3, 'x');
			INSERT INTO child VALUES (1, 0), (2, 3);
			INSERT INTO grandchild VALUES (1, 2);
			INSERT INTO other VALUES (1), (1);
			CREATE VIEW v AS SELECT id FROM parent;
			CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
			CREATE TRIGGER t BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = 0;
			${server.vendor === 'mariadb' ? 'CREATE SEQUENCE s; ALTER TABLE other ADD b BIGINT DEFAULT nextval(s);' : ''}`,
			SOURCE,
		);
	});
	afterAll(async () => {
		for (const name of [SOURCE, TARGET]) await server.dropDatabase(name);
	});

	async function restored(kind: 'zstd' | 'gzip' | 'none', more: Partial<SqlRestoreInput>) {
		await server.dropDatabase(TARGET);
		const folder = await temporaryFolder();
		const endpoint = endpointOf(server);
		const backup = await sqlBackup(
			{
				...{ endpoint, database: SOURCE, verify: true },
				compression: resolveCompression(kind),
				destination: {
					kind: 'newSet',
					backups: folderOf(folder),
					instance: 'choice',
					expected: ['sql'],
				},
			},
			jobContext(),
		);
		const source = { kind: 'set', set: folderOf(String(backup.backupSet)) } as const;
		return await sqlRestore({ endpoint, database: TARGET, source, ...more }, jobContext());
	}

	test.each(['zstd', 'gzip', 'none'] as const)('are equal, packed by %s', async (kind) => {
		const tables = ['child', 'grandchild', 'other'];
		const report = await restored(kind, { tables, connections: kind === 'gzip' ? 3 : 1 });
		expect(report.details).toMatchObject({
			verifiedBy: 'checksums',
			rows: 5,
			views: 0,
			routines: 0,
		});
		expect(report.warnings.join()).toContain('left out: 1 (child to parent)');
		const [is, was] = [
			await databaseContent(server, TARGET),
			await databaseContent(server, SOURCE),
		];
		expect([...is.tables.keys()].sort()).toEqual(tables);
		for (const table of tables) expect(is.tables.get(table)).toBe(was.tables.get(table));
		const made = await server.sql('SHOW CREATE TABLE grandchild', TARGET);
		expect(made).toContain('REFERENCES `child`');
		expect(await server.sql('SHOW CREATE TABLE child', TARGET)).not.toContain('REFERENCES');
		await server.sql('INSERT INTO child VALUES (9, 77)', TARGET);
	});

	test('that the backup does not have, or in the place of a whole database', async () => {
		const unknown = restored('zstd', { tables: ['parent', 'nowhere'] });
		await expect(unknown).rejects.toMatchObject({
			code: 'invalid_option',
			message: "The backup has no table 'nowhere'",
		});
		const whole = restored('zstd', { tables: ['parent'], replace: true });
		await expect(whole).rejects.toMatchObject({ code: 'invalid_option' });
		expect(await server.sql(`SHOW DATABASES LIKE '${TARGET}'`)).toBe('');
	});

	test('out of something that is no set', async () => {
		const folder = await temporaryFolder();
		const endpoint = endpointOf(server);
		const place = { folder: folderOf(folder), fileName: 'd' };
		const compression = resolveCompression('zstd');
		await sqlBackup(
			{
				...{ endpoint, database: SOURCE, verify: true, compression },
				destination: { kind: 'file', ...place, overwrite: false },
			},
			jobContext(),
		);
		const source = { kind: 'file', ...place } as const;
		const input = { endpoint, database: TARGET, source, tables: ['parent'] };
		await server.dropDatabase(TARGET);
		await expect(sqlRestore(input, jobContext())).rejects.toMatchObject({
			code: 'invalid_option',
			message: 'Single tables can be taken from a backup set only',
		});
	});
});
