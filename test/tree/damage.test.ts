import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { fileRootVerify } from '../../lib/job/file-root-verify.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT } from './archive-bytes.ts';

const unused = async (): Promise<never> => await Promise.reject(new Error('not used'));
const context = {
	signal: CONTEXT.signal,
	progress: NO_PROGRESS,
	ports: {
		http: { request: unused },
		paths: CONTEXT.paths,
		binary: { read: unused, write: unused },
	},
};
const STEP = 512;
const CODES = /^artifact_(corrupt|truncated)$/;

/** A set with an archive of some small files. */
async function smallSet(kind: 'none' | 'gzip' | 'zstd'): Promise<{ set: string; file: string }> {
	const folder = await temporaryFolder();
	const [root, backups] = [join(folder, 'root'), join(folder, 'backups')];
	mkdirSync(root);
	mkdirSync(backups);
	for (const name of ['a', 'b', 'c']) {
		// Hexadecimal noise, so that the compressed file has several blocks too.
		const bytes = Buffer.from([...Array(700).keys()].map((n) => (n * n * name.charCodeAt(0)) >> 3));
		writeFileSync(join(root, name), bytes.toString('hex'));
	}
	const report = await fileRootArchive(
		{
			root: { path: root, displayPath: root },
			destination: {
				kind: 'newSet',
				backups: { path: backups, displayPath: backups },
				instance: 'small',
				expected: ['fileRoot'],
			},
			compression: { kind, level: kind === 'none' ? 0 : 1 },
			verify: true,
		},
		context,
	);
	const set = String(report.backupSet);
	return { set, file: join(set, report.fileName) };
}

describe.each(['none', 'gzip', 'zstd'] as const)('an archive in a set, packed by %s', (kind) => {
	it('is whole, until any byte flips or any part is cut off', async () => {
		const { set, file } = await smallSet(kind);
		const verify = async (): Promise<unknown> =>
			await fileRootVerify(
				{ source: { kind: 'set', set: { path: set, displayPath: set } } },
				context,
			);
		expect(await verify()).toMatchObject({ status: 'complete', details: { files: 3 } });
		const whole = readFileSync(file);
		for (let at = 0; at < whole.length; at += STEP) {
			const damaged = Buffer.from(whole);
			const byte = Math.min(at + ((at / STEP) % STEP), whole.length - 1);
			damaged[byte] = (damaged[byte] ?? 0) ^ 0x10;
			writeFileSync(file, damaged);
			await expect(verify()).rejects.toMatchObject({ code: expect.stringMatching(CODES) });
			writeFileSync(file, whole);
			truncateSync(file, at);
			await expect(verify()).rejects.toMatchObject({ code: expect.stringMatching(CODES) });
			writeFileSync(file, whole);
		}
		expect(await verify()).toMatchObject({ status: 'complete' });
	});
});
