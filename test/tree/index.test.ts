import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareInWalkOrder } from '../../lib/tree/walk-order.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive } from './archive-bytes.ts';
import { entriesOf, indexedArchive } from './index-bytes.ts';
import { makeSampleTree } from './sample-tree.ts';

async function sample(): Promise<string> {
	const root = join(await temporaryFolder(), 'root');
	mkdirSync(root);
	makeSampleTree(root);
	return root;
}

function sha512(bytes: Uint8Array): string {
	return createHash('sha512').update(bytes).digest('hex');
}

describe('the index of an archive', () => {
	it('says what every member is, with the checksums that sha512sum makes', async () => {
		const root = await sample();
		const { tar, index, summary } = await indexedArchive(root);
		expect(tar.equals((await archive(root)).tar)).toBe(true);
		const entries = await entriesOf(index);
		expect(entries).toHaveLength(summary.entries);
		const byPath = new Map(entries.map((entry) => [entry.path, entry]));
		const listed = execFileSync(
			'find',
			[root, '-type', 'f', '-exec', 'sha512sum', '--zero', '{}', '+'],
			{ encoding: 'latin1' },
		);
		let files = 0;
		for (const line of listed.split('\0').filter((text) => text !== '')) {
			const entry = byPath.get(line.slice(128 + 2 + root.length + 1));
			if (entry?.type === 'hardLink') continue;
			expect(entry?.sha512).toBe(line.slice(0, 128));
			files++;
		}
		expect(files).toBe(summary.files);
		const stats = lstatSync(join(root, 'private/set-id'), { bigint: true });
		expect(byPath.get('private/set-id')).toMatchObject({
			...{ type: 'file', mode: 0o4750, size: 1, part: 0, mtimeNs: stats.mtimeNs },
		});
		expect(byPath.get('second name')).toMatchObject({ type: 'hardLink', target: './513.bin' });
		expect(byPath.get('target of bytes')).toMatchObject({ target: '/mnt/\xe4' });
		expect(byPath.get('inside')).toMatchObject({ leadsTo: 'file', targetSize: 512 });
		expect(byPath.get('absolute')).toMatchObject({ leadsTo: 'nothing' });
	});

	it('is JSON lines in UTF-8, whatever the names are', async () => {
		const root = await sample();
		for (const name of ['"quoted"', 'back\\slash', 'line\nbreak', '\x01']) {
			writeFileSync(join(root, name), name);
		}
		const { index } = await indexedArchive(root);
		const lines = new TextDecoder('utf8', { fatal: true }).decode(index).trimEnd().split('\n');
		const values = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
		expect(values[0]).toEqual({ format: 'n8n-caosdb-index', version: 1, part: 0 });
		expect(values.at(-1)).toEqual({ entries: values.length - 2 });
		expect(values.map(({ path }) => path)).toContain('with blank/ümläute/Ω measurement.csv');
		expect(values.map(({ path64 }) => path64)).toContain(
			Buffer.from('latin1-\xe4\xff.txt', 'latin1').toString('base64'),
		);
		const paths = (await entriesOf(index, 100)).map(({ path }) => path);
		expect(paths).toEqual(expect.arrayContaining(['"quoted"', 'back\\slash', 'line\nbreak']));
	});

	it('has the checksum of all bytes of a sparse file, though only some are read', async () => {
		const root = await temporaryFolder();
		const holes = join(root, 'holes');
		writeFileSync(holes, 'start');
		truncateSync(holes, 20_000_000);
		truncateSync(join(root, 'holes'), 40_000_000);
		writeFileSync(join(root, 'nothing but a hole'), '');
		truncateSync(join(root, 'nothing but a hole'), 33_000_000);
		const { index, summary } = await indexedArchive(root);
		expect(summary.sparseFiles).toBe(2);
		const [, first, second] = await entriesOf(index);
		const bytes = Buffer.alloc(40_000_000);
		bytes.write('start');
		expect(first?.sha512).toBe(sha512(bytes));
		expect(second?.sha512).toBe(sha512(Buffer.alloc(33_000_000)));
	});

	it('hashes what links lead to when it is asked to, where that may be read', async () => {
		const folder = await temporaryFolder();
		const root = join(folder, 'root');
		for (const path of [root, join(folder, 'storage')]) mkdirSync(path);
		for (const name of ['open', 'blocked']) {
			writeFileSync(join(folder, 'storage', name), 'data');
			symlinkSync(join(folder, 'storage', name), join(root, name));
		}
		const paths = {
			blocked: async (asked: readonly string[]) =>
				asked.map((path) => /storage\/blocked/.test(path)),
		};
		const context = { ...CONTEXT, paths };
		const { index } = await indexedArchive(root, { hashesTargets: true, context });
		const [, blocked, open] = await entriesOf(index);
		expect(open).toMatchObject({ targetSize: 4, targetSha512: sha512(Buffer.from('data')) });
		expect(blocked).toMatchObject({ targetSize: 4 });
		expect(blocked).not.toHaveProperty('targetSha512');
	});

	it('is refused when it is cut or changed', async () => {
		const root = await sample();
		const { index } = await indexedArchive(root);
		for (let end = 0; end < index.length; end += 97) {
			await expect(entriesOf(index.subarray(0, end))).rejects.toMatchObject({
				code: 'artifact_corrupt',
			});
		}
		const lines = index.toString('latin1').split('\n');
		const changed = [
			[...lines.slice(0, 3), ...lines.slice(4)],
			[...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)],
			[...lines, '{"entries":0}', ''],
		];
		for (const texts of changed) {
			const bytes = Buffer.from(texts.join('\n'), 'latin1');
			await expect(entriesOf(bytes)).rejects.toMatchObject({ code: 'artifact_corrupt' });
		}
	});

	it('is in the order in which a walk meets the paths', () => {
		const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', '\xff'), minLength: 1 });
		const path = fc.array(name, { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(path, path, (a, b) => {
				const byParts = (x: readonly string[], y: readonly string[]): number => {
					const at = x.findIndex((part, index) => part !== y[index]);
					if (at < 0) return x.length - y.length;
					const [left = '', right] = [x[at], y[at]];
					if (right === undefined) return 1;
					return left < right ? -1 : 1;
				};
				const order = Math.sign(compareInWalkOrder(a.join('/'), b.join('/')));
				expect(order).toBe(Math.sign(byParts(a, b)));
			}),
		);
	});
});
