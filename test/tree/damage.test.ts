import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { type EngineError, NO_PROGRESS } from '../../lib/core/index.ts';
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
const DAMAGED = /^(artifact_(corrupt|truncated|unknown_format)|limit_exceeded|tree_entry_\w+)$/;
const CUT = /^artifact_(corrupt|truncated|unknown_format)$/;

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
		writeFileSync(file, Buffer.concat([whole, whole]));
		await expect(verify()).rejects.toMatchObject({ code: expect.stringMatching(CODES) });
	});
});

const UNPACK = { gzip: gunzipSync, zstd: zstdDecompressSync, none: (bytes: Buffer) => bytes };

describe.each(['none', 'gzip', 'zstd'] as const)(
	'an archive without a set, packed by %s',
	(kind) => {
		it('is whole, or its damage is found wherever something tells of it', async () => {
			const { set, file } = await smallSet(kind);
			const folder = { path: set, displayPath: set };
			const verify = async (bytes: Buffer): Promise<string> => {
				writeFileSync(file, bytes);
				const source = { kind: 'file', folder, fileName: basename(file) } as const;
				return await fileRootVerify({ source }, context).then(
					({ status }) => status,
					({ code }: EngineError) => code,
				);
			};
			const whole = readFileSync(file);
			const tar = UNPACK[kind](whole);
			expect(await verify(whole)).toBe('complete');
			for (let at = 0; at < whole.length; at += STEP) {
				const cut = await verify(whole.subarray(0, at));
				// A tar ends with two empty blocks; the rest of them fill a record.
				if (kind === 'none' && isEnd(tar.subarray(Math.max(0, at - 2 * STEP))))
					expect(cut).toBe('complete');
				else expect(cut, `cut at ${at}`).toMatch(CUT);
				const damaged = Buffer.from(whole);
				const byte = Math.min(at + ((at / STEP) % STEP), whole.length - 1);
				damaged[byte] = (damaged[byte] ?? 0) ^ 0x10;
				const said = await verify(damaged);
				// A plain tar has checksums of headers only; a packed one of all that it holds.
				if (said !== 'complete') expect(said).toMatch(DAMAGED);
				else if (kind === 'none') expect(isHeader(tar, byte)).toBe(false);
				else expect(UNPACK[kind](damaged)).toEqual(tar);
			}
			expect(await verify(Buffer.concat([whole, whole]))).toMatch(DAMAGED);
		});
	},
);

function isEnd(bytes: Buffer): boolean {
	return bytes.every((byte) => byte === 0);
}

/** Whether a byte of an archive of files of one size lies in the header of one. */
function isHeader(tar: Buffer, byte: number): boolean {
	const start = byte - (byte % STEP);
	return tar.subarray(start + 257, start + 262).toString() === 'ustar';
}
