import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import type { DumpContentOptions } from '../../lib/sql/index.ts';
import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { createZoo, dropZoo } from './object-zoo.ts';
import { dump, restore } from './sql-session.ts';

describe.each(servers())('the choice of what is dumped on $id', (server) => {
	const [source, target] = ['choice_a', 'choice_b'];

	beforeAll(async () => {
		await createZoo(server, source);
		await server.dropDatabase(target);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => await dropZoo(server, source));

	/** Dumps with this choice, restores, and says what the restored database lacks or has otherwise. */
	const lost = async (content: DumpContentOptions) => {
		const { sql, summary } = await dump(server, source, content);
		await restore(server, target, sql, summary);
		const differences = contentDifferences(
			await databaseContent(server, source),
			await databaseContent(server, target),
		);
		const missing = differences
			.filter((line) => line.endsWith(' is missing'))
			.map((line) => line.replace(' is missing', ''))
			.filter((line) => !line.startsWith('PARAMETERS'));
		return { missing, differences, summary, sql: sql.toString('latin1') };
	};

	test('skipped tables take along their triggers and the views that read them, and it is said', async () => {
		const { missing, summary, sql } = await lost({ skipTables: ['base', 'groups', 'not_there'] });
		expect(missing).toEqual([
			'base',
			'groups',
			'TABLE base',
			'TABLE groups',
			...['TRIGGER first_one', 'TRIGGER odd `trigger', 'TRIGGER second', 'TRIGGER third'],
			...['VIEW a_second', 'VIEW checked', 'VIEW m_third', 'VIEW qualified', 'VIEW z_first'],
		]);
		expect(summary.leftOut).toEqual({
			tables: ['base', 'groups'],
			rowsOf: [],
			views: ['a_second', 'checked', 'm_third', 'qualified', 'z_first'],
			routines: [],
			triggers: ['first_one', 'odd `trigger', 'second', 'third'],
			events: [],
		});
		expect(summary.warnings).toContain(
			'Table not_there was to be skipped, but there is no such table.',
		);
		expect(summary.warnings).toContain(
			'View a_second is left out, because it reads z_first, which is left out.',
		);
		expect(sql).toContain('-- Left out: tables base, groups\n');
	});

	test('only the included tables', async () => {
		const { missing, summary } = await lost({ includeTables: ['base', 'child'] });
		expect(summary.tables.map(({ name }) => name)).toEqual(['base', 'child']);
		expect(missing.filter((id) => id.startsWith('TABLE'))).toEqual(
			summary.leftOut?.tables.map((name) => `TABLE ${name}`),
		);
		expect(missing.filter((id) => /^(VIEW|TRIGGER)/.test(id))).toEqual([]);
		expect(summary.warnings).toContain(
			'Table parent is left out, but foreign keys refer to its rows: of child.',
		);
	});

	test('a table to include that does not exist is refused', async () => {
		const failing = dump(server, source, { includeTables: ['base', 'Bases'] });
		await expect(failing).rejects.toSatisfy(
			(error) => error instanceof EngineError && error.code === 'invalid_option',
		);
	});

	test('structure without rows', async () => {
		const { missing, differences, summary } = await lost({ structureOnly: ['base', 'parent'] });
		expect(missing).toEqual([]);
		expect(differences.filter((line) => line.startsWith('base differs'))[0]).toMatch(
			/differs: 2 rows .* → 0 rows/,
		);
		expect(summary.tables.find(({ name }) => name === 'base')).toMatchObject({ rows: 0 });
		expect(summary.leftOut?.rowsOf).toEqual(['base', 'parent']);
		expect(summary.warnings).toContain(
			'Table parent is without rows, but foreign keys refer to its rows: of child.',
		);
		// The next id is not given a second time.
		const next = await server.sql(
			`SELECT auto_increment FROM information_schema.tables WHERE table_schema = '${target}' AND table_name = 'base'`,
		);
		expect(Number(next)).toBeGreaterThanOrEqual(3);
	});

	test.each([
		['routines', /^(FUNCTION|PROCEDURE)/],
		['triggers', /^TRIGGER/],
		['events', /^EVENT/],
		['views', /^VIEW/],
	] as const)('%s can stay out', async (kind, pattern) => {
		// A view that calls a function cannot be made without it.
		const content = kind === 'routines' ? { routines: false, views: false } : { [kind]: false };
		const { missing, summary } = await lost(content);
		const expected = kind === 'routines' ? /^(FUNCTION|PROCEDURE|VIEW)/ : pattern;
		expect(missing.length).toBeGreaterThan(0);
		expect(missing.filter((id) => !expected.test(id))).toEqual([]);
		expect(summary.leftOut?.[kind].length).toBe(missing.filter((id) => pattern.test(id)).length);
		expect(summary.warnings.some((text) => text.startsWith('Left out of the dump'))).toBe(true);
	});

	test('the whole database leaves out nothing', async () => {
		const { missing, summary } = await lost({});
		expect(missing).toEqual([]);
		expect(summary.leftOut).toBeNull();
	});

	const definers = async (database: string) =>
		(
			await server.sql(
				`SELECT definer FROM information_schema.routines WHERE routine_schema = '${database}'
				UNION SELECT definer FROM information_schema.triggers WHERE trigger_schema = '${database}'
				UNION SELECT definer FROM information_schema.events WHERE event_schema = '${database}'
				UNION SELECT definer FROM information_schema.views WHERE table_schema = '${database}'`,
			)
		)
			.trim()
			.split('\n');

	test('definers are replaced by an account', async () => {
		await server.sql(
			`CREATE USER IF NOT EXISTS 'keeper'@'10.%'; GRANT ALL ON \`${target}%\`.* TO 'keeper'@'10.%';
			GRANT SELECT ON ${source}_other.* TO 'keeper'@'10.%'`,
		);
		const { missing, summary } = await lost({
			definers: { mode: 'replace', account: 'keeper@10.%' },
		});
		expect(missing).toEqual([]);
		expect(summary.definers).toEqual(['keeper@10.%']);
		expect(await definers(target)).toEqual(['keeper@10.%']);
		await server.sql("DROP USER 'keeper'@'10.%'");
	});

	test('definers are removed, so that the one who restores owns all', async () => {
		const { sql, summary } = await dump(server, source, { definers: { mode: 'remove' } });
		expect(summary.definers).toEqual([]);
		await server.sql(
			`CREATE DATABASE ${target}; DROP USER IF EXISTS loader@'%'; CREATE USER loader@'%' IDENTIFIED BY 'loader-secret';
			GRANT ALL ON ${target}.* TO loader@'%'; GRANT SELECT ON ${source}_other.* TO loader@'%'`,
		);
		const { host, port } = server.address;
		const load = await server.client(
			[
				'--user=loader',
				'--password=loader-secret',
				`--host=${host}`,
				`--port=${port}`,
				'--protocol=TCP',
				target,
			],
			{ stdin: sql },
		);
		expect(load.stderr.replace(/.*password on the command line.*\n/, '')).toBe('');
		expect(load.code).toBe(0);
		expect(await definers(target)).toEqual(['loader@%']);
		await server.sql("DROP USER loader@'%'");
	});
});
