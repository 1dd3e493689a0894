import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type RollBackReport, restoreDatabase, rollBackDatabase } from '../../lib/sql/index.ts';
import { servers } from '../servers/index.ts';
import { chunksOf, context, endpointOf } from './sql-session.ts';

const TARGET = 'again';

/** Roll backs to one of several kept databases, and those that are asked for more than once. */
describe.each(servers())('a roll back on $id', (server) => {
	const place = { endpoint: endpointOf(server), database: TARGET };
	const clear = async () => {
		const names = await server.sql(`SHOW DATABASES LIKE '${TARGET}%'`);
		for (const name of names.split('\n').filter(Boolean)) await server.dropDatabase(name);
	};
	beforeEach(async () => {
		await clear();
		await server.sql(`CREATE DATABASE ${TARGET}`);
		await server.sql('CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)', TARGET);
	});
	afterEach(clear);

	const restore = async (id: number, keepOld = true): Promise<string> => {
		const sql = `CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (${id});\n-- Dump completed\n`;
		const chunks = chunksOf(Buffer.from(sql));
		const report = await restoreDatabase({ ...place, chunks, replace: true, keepOld }, context());
		return String(report.keptDatabase);
	};
	const back = async (keptDatabase?: string): Promise<RollBackReport> => {
		const named = keptDatabase === undefined ? {} : { keptDatabase };
		return await rollBackDatabase({ ...place, ...named }, context());
	};
	const rows = async (database = TARGET): Promise<string> =>
		(await server.sql('SELECT id FROM t', database)).trim();
	/** Servers know in which second a table was made. */
	const anotherSecond = async () => void (await server.sql('DO SLEEP(1.1)'));
	const missing = { code: 'sql_database_missing' };

	test('goes back to the newest, or to the one that is named', async () => {
		const first = await restore(2);
		const second = await restore(3);
		expect([await rows(first), await rows(second), await rows()]).toEqual(['1', '2', '3']);
		const undone = await back(first);
		expect(undone).toMatchObject({ from: first, wasDone: false, tables: 1 });
		expect([await rows(), await rows(String(undone.keptDatabase))]).toEqual(['1', '3']);
		// What the roll back kept is the newest now.
		expect((await back()).from).toBe(undone.keptDatabase);
		expect(await rows()).toBe('3');
		await back(second);
		expect(await rows()).toBe('2');
	});

	test('to a named database is done once, however often it is asked for', async () => {
		const first = await restore(2);
		const second = await restore(3);
		const done = await back(second);
		for (let again = 0; again < 2; again++) {
			expect(await back(second)).toMatchObject({
				...{ from: second, keptDatabase: done.keptDatabase, wasDone: true, tables: 1 },
			});
			expect([await rows(), await rows(first)]).toEqual(['2', '1']);
		}
		// What the server has written since does not matter.
		await server.sql('INSERT INTO t VALUES (9)', TARGET);
		expect(await back(second)).toMatchObject({ wasDone: true });
	});

	test('is not said to be done when something else is in place', async () => {
		const first = await restore(2);
		await back(first);
		const second = await restore(3);
		await expect(back(first)).rejects.toMatchObject(missing);
		await back(second);
		expect((await back(second)).wasDone).toBe(true);
		await anotherSecond();
		await restore(4, false);
		await expect(back(second)).rejects.toMatchObject(missing);
		const third = await restore(5);
		await back(third);
		await anotherSecond();
		await server.sql('DROP TABLE t; CREATE TABLE t (id INT PRIMARY KEY)', TARGET);
		await expect(back(third)).rejects.toMatchObject(missing);
		await server.sql('DROP TABLE t', TARGET);
		await expect(back(third)).rejects.toMatchObject(missing);
	});

	test('is one step back when the server died while it dropped what was used up', async () => {
		const first = await restore(2);
		const second = await restore(3);
		await back();
		await server.sql(`CREATE DATABASE ${second}`);
		expect(await back()).toMatchObject({ from: second, wasDone: false });
		expect([await rows(), await rows(first)]).toEqual(['2', '1']);
		const left = await server.sql(`SHOW DATABASES LIKE '${second}'`);
		expect(left).toBe('');
	});

	test('never gets a name that was used a moment ago', async () => {
		const names = new Set<string>();
		for (let id = 2; id < 6; id++) {
			const kept = await restore(id);
			expect(names.has(kept)).toBe(false);
			names.add(kept);
			const { keptDatabase } = await back(kept);
			expect(names.has(String(keptDatabase))).toBe(false);
			names.add(String(keptDatabase));
		}
		expect([...names]).toEqual([...names].sort());
	});
});
