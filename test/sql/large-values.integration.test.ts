import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { dumpDatabase } from '../../lib/sql/index.ts';
import { TOOL, context, dump, endpointOf, restore } from './sql-session.ts';

const MIB = 1024 * 1024;
const CELL_BYTES = 64 * MIB;

/** A row packet of more than 16 MiB comes in several pieces, and begins like an end-of-rows packet. */
describe.each(servers())('large values on $id', (server) => {
	const [source, target] = ['large_source', 'large_target'];
	let packet = '';

	beforeAll(async () => {
		packet = (await server.sql('SELECT @@GLOBAL.max_allowed_packet')).trim();
		await server.sql(`SET GLOBAL max_allowed_packet = ${256 * MIB}`);
		for (const name of [source, target]) await server.dropDatabase(name);
		await server.sql(`CREATE DATABASE ${source}`);
		await server.sql(
			`CREATE TABLE blobs (b LONGBLOB, t LONGTEXT, id INT);
			INSERT INTO blobs VALUES (REPEAT(x'00ff', ${CELL_BYTES / 2}), 'x', 1), (NULL, REPEAT('''', ${2 * MIB}), 2), (x'fe', '', 3);
			INSERT INTO blobs SELECT REPEAT(x'01', ${16 * MIB} - 1), '', 4;`,
			source,
		);
	});
	afterAll(async () => {
		await server.sql(`SET GLOBAL max_allowed_packet = ${packet}`);
		for (const name of [source, target]) await server.dropDatabase(name);
	});

	test('pass in pieces: no more than a few megabytes of one are held', async () => {
		const reading = await dumpDatabase(
			{ endpoint: endpointOf(server), database: source, tool: TOOL },
			context(),
		);
		let largest = 0;
		let bytes = 0;
		const blocks = new Set<ArrayBufferLike>();
		for await (const chunk of reading.chunks) {
			// The memory that all frames share is one block, whatever a value needs.
			const isShared = chunk.buffer instanceof SharedArrayBuffer;
			largest = Math.max(largest, isShared ? chunk.length : chunk.buffer.byteLength);
			if (isShared) blocks.add(chunk.buffer);
			bytes += chunk.length;
			chunk.recycle?.();
		}
		expect(bytes).toBeGreaterThan(2 * CELL_BYTES);
		expect(largest).toBeLessThan(6 * MIB);
		const shared = [...blocks].map(({ byteLength }) => byteLength);
		expect(Math.max(0, ...shared)).toBeLessThan(64 * MIB);
		expect(shared.length).toBeLessThanOrEqual(1);
	});

	test('come back, each in a statement of its own', async () => {
		const { sql, summary } = await dump(server, source);
		expect(summary.largestStatementBytes).toBeGreaterThan(2 * CELL_BYTES);
		expect(summary.largestStatementBytes).toBeLessThan(2 * CELL_BYTES + 1024);
		const report = await restore(server, target, sql, summary);
		expect(report.rows).toBe(4);
		const [before, after] = [
			await databaseContent(server, source),
			await databaseContent(server, target),
		];
		expect(contentDifferences(before, after)).toEqual([]);
	});
});
