import { type RowDataPacket, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createScaledLinkAhead } from '../../bench/scaled-linkahead.ts';
import type { DumpSummary } from '../../lib/sql/index.ts';
import { CAOSDB_ACCOUNT, loadRealBackup } from '../fixtures/load-real-backup.ts';
import { type TestServer, databaseContent, servers } from '../servers/index.ts';
import { dump } from './sql-session.ts';

const DATABASE = 'crossing';
const COPY = 'crossing_copy';

/** MySQL prints types, defaults and character sets in words of its own; nothing else may differ. */
function tolerated(text: string): string {
	return text
		.replaceAll(/\b(tiny|small|medium|big)?int\((?!1\))\d+\)/g, '$1int')
		.replaceAll(/DEFAULT '(-?\d+)'/g, 'DEFAULT $1')
		.replaceAll(/ (CHARACTER SET|CHARSET) \w+/g, '')
		.replaceAll(/ COLLATE \w+/g, '')
		.replaceAll(/(text|blob) DEFAULT NULL/g, '$1')
		.replaceAll(/,?NO_AUTO_CREATE_USER/g, '')
		.replaceAll(/ (ON (DELETE|UPDATE) RESTRICT|ROW_FORMAT=\w+)/g, '')
		.replaceAll(/utf8(mb3)?_/g, 'utf8mb3_')
		.replaceAll(/=\w+ COLLATE=/g, '=utf8mb3 COLLATE=');
}

/** What SHOW CREATE prints (the catalog of MySQL holds bodies with their escapes taken out). */
async function routines(server: TestServer, database: string): Promise<Map<string, string>> {
	const { host, port, user, password } = server.address;
	const connection = await createConnection({ host, port, user, password, database });
	try {
		const texts = new Map<string, string>();
		const [found] = await connection.query<RowDataPacket[]>(
			'SELECT routine_type AS kind, routine_name AS name FROM information_schema.routines WHERE routine_schema = ?',
			[database],
		);
		for (const { kind, name } of found) {
			const [[row = {}]] = await connection.query<RowDataPacket[]>(
				`SHOW CREATE ${String(kind)} \`${String(name)}\``,
			);
			texts.set(`${String(kind)} ${String(name)}`, tolerated(Object.values(row).join('|')));
		}
		return texts;
	} finally {
		await connection.end();
	}
}

/** The standard client of a server, into a database of its own default. */
async function load(server: TestServer, sql: Buffer): Promise<void> {
	await server.dropDatabase(COPY);
	await server.sql(`CREATE DATABASE ${COPY}`);
	const { code, stderr } = await server.client(['--binary-mode', COPY], { stdin: sql });
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** Every table with its rows and their checksum. */
function content({ tables }: DumpSummary): string[] {
	return tables.map(({ name, rows, checksum }) => `${name} ${rows} ${checksum}`).sort();
}

/** LinkAhead's own published backup, dumped on each server and loaded into each by its standard client. */
describe('the real backup', () => {
	const all = servers();

	beforeAll(async () => {
		for (const server of all) {
			await loadRealBackup(server, DATABASE);
			await server.sql(`GRANT ALL ON ${COPY}.* TO '${CAOSDB_ACCOUNT.user}'@'%'`);
		}
	});
	afterAll(async () => {
		for (const server of all) {
			for (const name of [DATABASE, COPY]) await server.dropDatabase(name);
		}
	});

	const ways = all.flatMap((from) =>
		all.map((to) => ({ from, to, name: `${from.id} to ${to.id}` })),
	);

	test.each(ways)('goes from $name and is equal', async ({ from, to }) => {
		const { sql, summary } = await dump(from, DATABASE);
		await load(to, sql);
		const [before, after] = [
			await databaseContent(from, DATABASE),
			await databaseContent(to, COPY),
		];
		expect(after.characterSet).toBe('utf8mb3');
		expect(after.collation).toBe('utf8mb3_unicode_ci');
		expect(before.tables.size).toBe(50);
		for (const [table, content] of before.tables) {
			expect(after.tables.get(table), table).toBe(content);
		}
		expect([...after.objects.keys()].sort()).toEqual([...before.objects.keys()].sort());
		const again = await dump(to, COPY);
		expect(content(again.summary)).toEqual(content(summary));
		expect((await to.sql('SELECT CaosDBVersion()', COPY)).trim()).toBe('v5.0.0');
		const [was, is] = [await routines(from, DATABASE), await routines(to, COPY)];
		expect(was.size).toBe(87);
		for (const [id, text] of was) expect(is.get(id), id).toBe(text);
		const links = async (server: TestServer, database: string) =>
			await server.sql(
				`SELECT COUNT(*) FROM information_schema.referential_constraints WHERE constraint_schema = '${database}'`,
			);
		expect(await links(to, COPY)).toBe(await links(from, DATABASE));
		const next = async (server: TestServer, database: string) =>
			/AUTO_INCREMENT=(\d+)/.exec(await server.sql('SHOW CREATE TABLE entities', database))?.[1];
		expect(await next(to, COPY)).toBe(await next(from, DATABASE));
	});
});

/**
 * 100 copies give every table several parts and frames and end in minutes. The size of the benches
 * (2,027 copies, five million rows) takes about half an hour: CAOSDB_TEST_COPIES=2027.
 */
const COPIES = Number(process.env['CAOSDB_TEST_COPIES'] ?? 100);
const LARGE_TIMEOUT_MS = 5 * 60_000 + COPIES * 1_000;

describe('the real backup made large', () => {
	const all = servers();
	const [original, large] = ['crossing_original', 'crossing_large'];

	beforeAll(async () => {
		for (const server of all) {
			await createScaledLinkAhead(server, large, original, COPIES);
			await server.dropDatabase(original);
			await server.sql(`GRANT ALL ON ${COPY}.* TO '${CAOSDB_ACCOUNT.user}'@'%'`);
		}
	}, LARGE_TIMEOUT_MS);
	afterAll(async () => {
		for (const server of all) {
			for (const name of [large, COPY]) await server.dropDatabase(name);
		}
	});

	test.each(all)(
		'goes from $id to each server, every row equal',
		{ timeout: LARGE_TIMEOUT_MS },
		async (from) => {
			const { sql, summary } = await dump(from, large);
			const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0);
			expect(rows).toBeGreaterThan(COPIES * 2_000);
			for (const to of all) {
				await load(to, sql);
				expect(content((await dump(to, COPY)).summary), to.id).toEqual(content(summary));
			}
		},
	);
});
