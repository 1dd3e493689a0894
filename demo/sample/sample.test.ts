import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { servers } from '../../test/servers/index.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { loadSample, writeSampleFileRoot } from './index.ts';

describe('the sample', () => {
	it('has files that are what their rows say, the same on every run', async () => {
		const folder = await temporaryFolder();
		const files = await writeSampleFileRoot(join(folder, 'root'), join(folder, 'external'));
		expect(files).toHaveLength(300);
		for (const { path, size, hash } of files) {
			const bytes = await readFile(join(folder, 'root', path));
			expect(bytes).toHaveLength(size);
			expect(createHash('sha512').update(bytes).digest().equals(hash)).toBe(true);
		}
		const again = await writeSampleFileRoot(join(folder, 'root 2'), join(folder, 'external 2'));
		expect(again).toEqual(files);
	});

	it.each(servers())('loads on $id', async (server) => {
		const folder = await temporaryFolder();
		const files = await writeSampleFileRoot(join(folder, 'root'), join(folder, 'external'));
		const account = { database: 'sample_test', user: 'sample', password: 'sample-secret' };
		const rows = await loadSample(server.address, account, files);
		expect(rows).toBeGreaterThan(150_000);
		const counts = await server.sql(
			`SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'sample_test';
			SELECT COUNT(*) FROM entities; SELECT MIN(id) FROM entities; SELECT CaosDBVersion();`,
			'sample_test',
		);
		expect(counts.trim().split('\n')).toEqual(['51', '20333', '0', 'v5.0.0']);
		await server.dropDatabase('sample_test');
	});
});
