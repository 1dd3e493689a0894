import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CAOSDB_ACCOUNT, loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { type TestServer, databaseContent, servers } from '../servers/index.ts';
import { dump, restore } from './sql-session.ts';

const SOURCE = 'across_source';
const TARGET = 'across_target';

const PAIRS = servers().flatMap((from) =>
	servers().map((to) => ({ from, to, title: `${from.id} to ${to.id}` })),
);

async function schemaVersion(server: TestServer): Promise<string> {
	const { user, password } = CAOSDB_ACCOUNT;
	const arguments_ = [`--user=${user}`, `--password=${password}`, '--protocol=TCP'];
	const { host, port } = server.address;
	const place = [`--host=${host}`, `--port=${port}`, TARGET];
	const query = ['--batch', '--skip-column-names', '-e', 'SELECT CaosDBVersion()'];
	const { stdout } = await server.client([...arguments_, ...place, ...query]);
	return stdout.toString().trim();
}

/** LinkAhead's own backup from each server to each one, itself too. */
describe.each(PAIRS)('the real backup from $title', ({ from, to }) => {
	beforeAll(async () => {
		await loadRealBackup(from, SOURCE);
		const { user, password } = CAOSDB_ACCOUNT;
		await to.sql(
			`CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}'; GRANT ALL ON ${TARGET}.* TO '${user}'@'%'`,
		);
		await to.dropDatabase(TARGET);
	});
	afterAll(async () => {
		await from.dropDatabase(SOURCE);
		await to.dropDatabase(TARGET);
	});

	test('has the same rows, the same routines, and files that match their hashes', async () => {
		const { sql, summary } = await dump(from, SOURCE);
		const report = await restore(to, TARGET, sql, summary);
		expect(report).toMatchObject({ verifiedBy: 'checksums', rows: 2903, routines: 87 });
		expect(report.schemaVersion).toBe('v5.0.0');
		expect(await schemaVersion(to)).toBe('v5.0.0');
		const [before, after] = [
			await databaseContent(from, SOURCE),
			await databaseContent(to, TARGET),
		];
		expect(after.tables).toEqual(before.tables);
		expect(after.collation.replace('utf8_', 'utf8mb3_')).toBe('utf8mb3_unicode_ci');
		const routines = (content: typeof before) =>
			[...content.objects.keys()].filter((id) => /^(FUNCTION|PROCEDURE) /.test(id)).sort();
		expect(routines(after)).toEqual(routines(before));
	});

	test('keeps the hashes of the 29 stored files', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'across-'));
		try {
			const { archiveFile } = await realBackup();
			execFileSync('tar', ['-xzf', archiveFile, '-C', folder, '--strip-components=4']);
			const rows = (await to.sql('SELECT path, HEX(hash) FROM files ORDER BY path', TARGET)).split(
				'\n',
			);
			let matching = 0;
			for (const row of rows.filter((line) => line !== '')) {
				const [path = '', hash = ''] = row.split('\t');
				const content = await readFile(join(folder, path)).catch(() => undefined);
				if (content === undefined) continue;
				expect(createHash('sha512').update(content).digest('hex').toUpperCase(), path).toBe(hash);
				matching += 1;
			}
			expect(matching).toBe(29);
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	});
});
