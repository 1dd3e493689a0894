import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { locateSet, resolveCompression } from '../../lib/artifact/index.ts';
import type { ProgressEvent } from '../../lib/core/index.ts';
import { sqlBackup } from '../../lib/job/sql-backup.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { realBackup } from '../fixtures/real-backup.ts';
import { contentDifferences, databaseContent, mustRun, servers } from '../servers/index.ts';
import { endpointOf, engineSessions } from '../sql/sql-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { jobContext } from './job-context.ts';

const UNPACK = {
	zstd: (bytes: Buffer) => zstdDecompressSync(bytes),
	gzip: (bytes: Buffer) => gunzipSync(bytes),
	none: (bytes: Buffer) => bytes,
};
const TOOL = { zstd: ['zstd', '-dcq'], gzip: ['gzip', '-dc'], none: ['cat'] };

describe.each(servers())('a backup set of the real database on $id', (server) => {
	const [source, target] = ['job_source', 'job_target'];

	beforeAll(async () => {
		await loadRealBackup(server, source);
		await server.dropDatabase(target);
	});
	afterEach(async () => await server.dropDatabase(target));
	afterAll(async () => await server.dropDatabase(source));

	const input = (folder: string, kind: keyof typeof UNPACK) => ({
		endpoint: endpointOf(server),
		database: source,
		destination: {
			kind: 'newSet' as const,
			backups: { path: folder, displayPath: folder },
			instance: 'test',
			expected: ['sql' as const],
		},
		compression: resolveCompression(kind),
		verify: true,
	});

	test('a destination that refuses leaves no session, so no lock', async () => {
		const folder = await temporaryFolder();
		await writeFile(join(folder, 'there.sql'), 'x');
		const destination = {
			kind: 'file',
			folder: { path: folder, displayPath: folder },
			...{ fileName: 'there.sql', overwrite: false },
		} as const;
		const backup = sqlBackup({ ...input(folder, 'none'), destination }, jobContext());
		await expect(backup).rejects.toMatchObject({ code: 'path_exists' });
		await expect.poll(async () => await engineSessions(server)).toEqual([]);
	});

	test.each(['zstd', 'gzip', 'none'] as const)(
		'%s: the standard tools restore it whole, and its frames hold what the manifest says',
		async (kind) => {
			const folder = await temporaryFolder();
			await sqlBackup(input(folder, kind), jobContext());
			const instance = join(folder, 'test');
			const { set, manifest } = await locateSet({ path: instance, displayPath: instance });
			const [entry] = manifest.artifacts;
			const stored = await readFile(join(set.path, entry?.file ?? ''));
			const plain = await mustRun(TOOL[kind], { stdin: stored });
			const frames = entry?.frames ?? [];
			for (const frame of frames) {
				const bytes = stored.subarray(frame.offset, frame.offset + frame.bytes);
				const end = frame.contentOffset + frame.contentBytes;
				expect(UNPACK[kind](bytes).equals(plain.subarray(frame.contentOffset, end))).toBe(true);
			}
			const objects = frames.map(({ object }) => object);
			expect([objects[0], objects.at(-1)]).toEqual([undefined, undefined]);
			expect(objects.filter((object) => object?.startsWith('table:'))).toHaveLength(50);
			expect(objects.filter((object) => /^(function|procedure):/.test(object ?? ''))).toHaveLength(
				87,
			);

			await server.sql(`CREATE DATABASE ${target}`);
			await server.sql(plain, target);
			const [before, after] = [
				await databaseContent(server, source),
				await databaseContent(server, target),
			];
			expect(contentDifferences(before, after)).toEqual([]);
		},
	);

	test("the hashes in it are those of the file root's 29 files", async () => {
		const folder = await temporaryFolder();
		await sqlBackup(input(folder, 'none'), jobContext());
		const [file = ''] = (await readdir(folder, { recursive: true })).filter((name) =>
			name.endsWith('.sql'),
		);
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(await readFile(join(folder, file)), target);
		const root = await temporaryFolder();
		await mustRun(['tar', '-xzf', (await realBackup()).archiveFile, '-C', root]);
		const rows = (await server.sql('SELECT path, LOWER(HEX(hash)), size FROM files', target))
			.trim()
			.split('\n');
		let matching = 0;
		for (const row of rows) {
			const [path = '', hash, size] = row.split('\t');
			// The others are links to files outside of the root.
			const bytes = await readFile(join(root, 'opt/caosdb/mnt/caosroot', path)).catch(
				() => undefined,
			);
			if (bytes === undefined) continue;
			expect(
				[createHash('sha512').update(bytes).digest('hex'), String(bytes.length)],
				path,
			).toEqual([hash, size]);
			matching += 1;
		}
		expect(matching).toBe(29);
	});

	test.each(['prepare', 'dump'] as const)(
		'a cancel in the phase %s leaves no file and no session',
		async (phase) => {
			const folder = await temporaryFolder();
			const cancel = new AbortController();
			const report = (event: ProgressEvent) => {
				if (event.phase === phase) cancel.abort();
			};
			const running = sqlBackup(
				input(folder, 'zstd'),
				jobContext({ signal: cancel.signal, progress: { report } }),
			);
			await expect(running).rejects.toMatchObject({ code: 'cancelled' });
			expect(await engineSessions(server)).toEqual([]);
			const names = await readdir(folder, { recursive: true });
			expect(names.filter((name) => /dump|partial/.test(name))).toEqual([]);
		},
	);
});
