import { readFile, readdir, stat, writeFile as put } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { type WriteFileOptions, resolveCompression, writeFile } from '../../lib/artifact/index.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

async function* lines(count: number): AsyncGenerator<Uint8Array> {
	for (let i = 0; i < count; i++) yield Buffer.from(`line ${i} ${Math.sin(i)}\n`.repeat(20));
}

function options(path: string, more: Partial<WriteFileOptions> = {}): WriteFileOptions {
	return {
		folder: { path, displayPath: path },
		fileName: 'dump.sql',
		compression: resolveCompression('zstd'),
		verify: true,
		overwrite: false,
		signal: new AbortController().signal,
		...more,
	};
}

describe('writeFile', () => {
	it.each(['zstd', 'gzip', 'none'] as const)(
		'writes %s whole and tells both digests',
		async (kind) => {
			const folder = await temporaryFolder();
			const written = await writeFile(
				lines(500),
				options(folder, { compression: resolveCompression(kind) }),
			);
			const stored = await readFile(join(folder, 'dump.sql'));
			const content = { zstd: zstdDecompressSync, gzip: gunzipSync, none: (b: Buffer) => b }[kind](
				stored,
			);
			expect(written).toMatchObject({ bytes: stored.length, sha256: sha256(stored) });
			expect(written.content).toEqual({ bytes: content.length, sha256: sha256(content) });
			expect((await stat(join(folder, 'dump.sql'))).mode & 0o777).toBe(0o600);
			expect(await readdir(folder)).toEqual(['dump.sql']);
		},
	);

	it('leaves nothing when its source fails in the middle', async () => {
		const folder = await temporaryFolder();
		async function* failing(): AsyncGenerator<Uint8Array> {
			yield* lines(100);
			throw new Error('connection lost');
		}
		await expect(writeFile(failing(), options(folder))).rejects.toThrow('dump.sql');
		expect(await readdir(folder)).toEqual([]);
	});

	it('leaves nothing when it is cancelled', async () => {
		const folder = await temporaryFolder();
		const cancel = new AbortController();
		async function* endless(): AsyncGenerator<Uint8Array> {
			for (let i = 0; ; i++) {
				if (i === 100) cancel.abort();
				yield Buffer.alloc(1000, i);
			}
		}
		const writing = writeFile(endless(), options(folder, { signal: cancel.signal }));
		await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
		expect(await readdir(folder)).toEqual([]);
	});

	it('replaces a file only when asked to, and keeps the old one when it fails', async () => {
		const folder = await temporaryFolder();
		await put(join(folder, 'dump.sql'), 'old');
		await expect(writeFile(lines(1), options(folder))).rejects.toMatchObject({
			code: 'path_exists',
		});
		async function* failing(): AsyncGenerator<Uint8Array> {
			yield Buffer.from('new');
			throw new Error('no');
		}
		await expect(writeFile(failing(), options(folder, { overwrite: true }))).rejects.toThrow();
		expect(await readFile(join(folder, 'dump.sql'), 'utf8')).toBe('old');
		await writeFile(
			lines(1),
			options(folder, { overwrite: true, compression: resolveCompression('none') }),
		);
		expect(await readFile(join(folder, 'dump.sql'), 'utf8')).toContain('line 0');
		expect(await readdir(folder)).toEqual(['dump.sql']);
	});

	it('does not touch the partial file of another run', async () => {
		const folder = await temporaryFolder();
		await put(join(folder, 'dump.sql.partial'), 'theirs');
		await expect(writeFile(lines(1), options(folder))).rejects.toMatchObject({
			code: 'path_exists',
		});
		expect(await readFile(join(folder, 'dump.sql.partial'), 'utf8')).toBe('theirs');
	});

	it('names a folder that is missing', async () => {
		const folder = join(await temporaryFolder(), 'missing');
		await expect(writeFile(lines(1), options(folder))).rejects.toMatchObject({
			code: 'path_missing',
		});
	});

	it.runIf(CAN_MOUNT)('says that the disk is full and frees it again', async () => {
		const disk = await smallDisk(256);
		const compression = resolveCompression('none');
		const writing = writeFile(lines(2000), options(disk, { compression }));
		await expect(writing).rejects.toMatchObject({ code: 'disk_full' });
		expect(await readdir(disk)).toEqual([]);
	});

	it.runIf(CAN_MOUNT)('says that a file system is read-only', async () => {
		const disk = await smallDisk(256, ',ro');
		await expect(writeFile(lines(1), options(disk))).rejects.toMatchObject({
			code: 'path_read_only',
		});
	});
});
