import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { SqlConnection } from '../../lib/sql/connection.ts';
import { planTableChecksums, readTableChecksum } from '../../lib/sql/index.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { type TestServer, servers } from '../servers/index.ts';
import { dump, endpointOf } from './sql-session.ts';
import { createTypeMatrix } from './type-matrix.ts';

/** Of every table, read back as a restore does it. */
async function checksums(server: TestServer, database: string): Promise<Record<string, string>> {
	const never = new AbortController().signal;
	const connection = await SqlConnection.open(endpointOf(server), database, never);
	try {
		const found: Record<string, string> = {};
		for (const plan of await planTableChecksums(connection)) {
			const { rows, checksum } = await readTableChecksum(connection, plan);
			found[plan.table] = `${rows} ${checksum}`;
		}
		return found;
	} finally {
		await connection.close();
	}
}

describe('content checksums', () => {
	const database = 'checksums';
	const all = servers();

	beforeAll(async () => {
		for (const server of all) await loadRealBackup(server, database);
	});
	afterAll(async () => {
		for (const server of all) {
			await server.dropDatabase(database);
			await server.dropDatabase(`${database}_types`);
		}
	});

	test("of LinkAhead's own backup are equal on all servers", async () => {
		const [first, ...others] = await Promise.all(
			all.map(async (server) => await checksums(server, database)),
		);
		expect(Object.keys(first ?? {})).toHaveLength(50);
		for (const other of others) expect(other).toEqual(first);
	});

	test.each(all)('made while dumping are those read back on $id', async (server) => {
		await createTypeMatrix(server, `${database}_types`);
		for (const name of [database, `${database}_types`]) {
			const { summary } = await dump(server, name);
			const dumped = summary.tables.map(({ name: table, rows, checksum }) => [
				table,
				`${rows} ${checksum}`,
			]);
			expect(Object.fromEntries(dumped)).toEqual(await checksums(server, name));
		}
	});

	test.each(all)('find one changed byte on $id', async (server) => {
		const before = await checksums(server, database);
		await server.sql(
			"UPDATE files SET hash = INSERT(hash, 64, 1, 'x') ORDER BY file_id LIMIT 1",
			database,
		);
		const after = await checksums(server, database);
		const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
		expect(changed).toEqual(['files']);
	});
});
