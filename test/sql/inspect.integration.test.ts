import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { type DumpContentOptions, inspectDatabase } from '../../lib/sql/index.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { databaseContent, servers } from '../servers/index.ts';
import { createZoo, dropZoo } from './object-zoo.ts';
import { context, dump, endpointOf, engineSessions } from './sql-session.ts';

describe.each(servers())('Inspect on $id', (server) => {
	const [real, zoo] = ['inspect_real', 'inspect_zoo'];
	const inspect = async (database: string, content: DumpContentOptions = {}) =>
		await inspectDatabase({ endpoint: endpointOf(server), database, content }, context());

	beforeAll(async () => {
		await loadRealBackup(server, real);
		await createZoo(server, zoo);
	});
	afterAll(async () => {
		await server.dropDatabase(real);
		await dropZoo(server, zoo);
	});

	test("tells what a backup of LinkAhead's own database would hold", async () => {
		const found = await inspect(real);
		const { summary } = await dump(server, real);
		expect(found).toMatchObject({
			server: summary.server,
			database: { name: real, characterSet: 'utf8mb3', collation: 'utf8mb3_unicode_ci' },
			schemaVersion: 'v5.0.0',
			routines: summary.routines,
			definers: [{ account: 'caosdb@%', objects: 87, exists: true }],
			leftOut: null,
			missingGrants: [],
			recommendedGrants: [],
			problems: [],
			warnings: [],
		});
		expect(found.tables.map(({ name }) => name)).toEqual(summary.tables.map(({ name }) => name));
		expect(found.engines).toMatchObject([{ engine: 'InnoDB', tables: 50 }]);
		expect(found.tables.find(({ name }) => name === 'entities')?.bytes).toBeGreaterThan(0);
		expect(found.largestStatement.complete).toBe(true);
		expect(found.largestStatement.bytes).toBeGreaterThanOrEqual(summary.largestStatementBytes);
	});

	test('tells the same objects as a dump, whatever is chosen', async () => {
		const choices: DumpContentOptions[] = [
			{},
			{ skipTables: ['base'] },
			{ includeTables: ['child'], structureOnly: ['child'], events: false },
			{ views: false, routines: false, triggers: false },
		];
		for (const content of choices) {
			const found = await inspect(zoo, content);
			const { summary } = await dump(server, zoo, content);
			expect([...found.views].sort()).toEqual([...summary.views].sort());
			expect(found).toMatchObject({
				routines: summary.routines,
				triggers: summary.triggers,
				events: summary.events,
				sequences: summary.sequences,
				leftOut: summary.leftOut,
			});
			expect(found.tables.map(({ name }) => name)).toEqual(summary.tables.map(({ name }) => name));
		}
	});

	test('writes nothing and leaves no session', async () => {
		const before = await databaseContent(server, zoo);
		await inspect(zoo);
		expect(await databaseContent(server, zoo)).toEqual(before);
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});

	test('collects all that would make a backup fail, and warns of what is odd', async () => {
		const odd = 'inspect_odd';
		await server.dropDatabase(odd);
		await server.sql(
			`CREATE DATABASE ${odd}; CREATE TABLE ${odd}.entities (id INT PRIMARY KEY);
			CREATE TABLE ${odd}.gone (a INT); CREATE VIEW ${odd}.broken AS SELECT a FROM ${odd}.gone; DROP TABLE ${odd}.gone;
			CREATE TABLE ${odd}.gone (b INT); CREATE VIEW ${odd}.broken_too AS SELECT b FROM ${odd}.gone; DROP TABLE ${odd}.gone;
			CREATE TABLE ${odd}.own_rows (a INT) ENGINE=MyISAM;
			CREATE TABLE ${odd}.big (a LONGBLOB); SET SESSION sql_mode='';
			INSERT INTO ${odd}.big VALUES (REPEAT('x', 9000000));
			CREATE TABLE ${odd}.fine (a INT);
			CREATE DEFINER=nobody@nowhere VIEW ${odd}.orphan AS SELECT a FROM ${odd}.fine;`,
		);
		const found = await inspect(odd);
		const problems = found.problems.join('\n');
		expect(problems).toContain('none of its routines');
		expect(problems).toContain('View broken ');
		expect(problems).toContain('View broken_too ');
		expect(found.definers).toContainEqual({ account: 'nobody@nowhere', objects: 1, exists: false });
		const warnings = found.warnings.join('\n');
		expect(warnings).toContain('belong to nobody@nowhere');
		expect(warnings).toContain('own_rows (MyISAM)');
		expect(warnings).toMatch(/One row needs a statement of about 19 MB/);
		expect(found.engines.map(({ engine }) => engine)).toEqual(['InnoDB', 'MyISAM']);
		await server.dropDatabase(odd);
	});

	test('a database that is missing, and a cancel', async () => {
		await expect(inspect('nothing_here')).rejects.toMatchObject({ code: 'sql_database_missing' });
		const cancelled = inspectDatabase(
			{ endpoint: endpointOf(server), database: real },
			context(AbortSignal.abort()),
		);
		await expect(cancelled).rejects.toBeInstanceOf(EngineError);
		await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
	});
});
