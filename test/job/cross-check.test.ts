import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { crossCheck } from '../../lib/job/cross-check.ts';
import type { CrossCheck } from '../../lib/job/cross-check-tally.ts';
import { type FileRow, readFileRows } from '../../lib/sql/index.ts';
import { readIndex } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { pieces } from '../tree/archive-bytes.ts';
import { indexedArchive } from '../tree/index-bytes.ts';

const LONG_AGO = 1_000_000;

function row(path: string, content: string, more: Partial<FileRow> = {}): FileRow {
	const sha512 = createHash('sha512').update(content).digest('hex');
	return { id: '1', path, size: content.length, sha512, ...more };
}

function rowsOf(rows: readonly FileRow[], at = Date.now()) {
	const lines = [
		{ format: 'n8n-caosdb-files', version: 1, at: new Date(at).toISOString() },
		...rows,
		{ rows: rows.length },
	];
	return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
}

async function check(
	root: string,
	rows: readonly FileRow[],
	hashesTargets = false,
): Promise<CrossCheck> {
	const { index } = await indexedArchive(root, { hashesTargets });
	const listed = await readFileRows(pieces(rowsOf(rows), 50));
	return await crossCheck(listed, async () => readIndex(pieces(index, 100)));
}

/** Files `a/x`, `a-b/y` and `z`, a link to a file outside and one that dangles; everything is old. */
async function fileRoot(): Promise<string> {
	const folder = await temporaryFolder();
	const root = join(folder, 'root');
	for (const path of ['root', 'root/a', 'root/a-b', 'storage']) mkdirSync(join(folder, path));
	for (const path of ['a/x', 'a-b/y', 'z']) writeFileSync(join(root, path), path);
	writeFileSync(join(folder, 'storage/run.csv'), 'a;b\n');
	symlinkSync(join(folder, 'storage/run.csv'), join(root, 'run.csv'));
	symlinkSync('/nowhere/at/all', join(root, 'far'));
	for (const path of ['a', 'a-b', '']) utimesSync(join(root, path), LONG_AGO, LONG_AGO);
	return root;
}

const ROWS = [row('a/x', 'a/x'), row('a-b/y', 'a-b/y'), row('far', 'far'), row('run.csv', 'a;b\n')];

describe('the comparison of the database with a file root', () => {
	it('agrees where everything is as the database says', async () => {
		const found = await check(await fileRoot(), [...ROWS, row('z', 'z')]);
		expect(found).toMatchObject({
			...{ rows: 5, agreeingFiles: 3, agreeingLinks: 1, unreachableLinks: 1 },
			...{ missing: 0, removedMeanwhile: 0, different: 0, withoutRow: 0 },
			examples: { unreachableLinks: ['far'] },
		});
	});

	it('finds every planted mismatch', async () => {
		const rows = [
			row('a/gone', 'x'),
			row('a/x', 'b/x'),
			row('a-b/y', 'a-b/y is longer'),
			row('run.csv', 'a;bc\n'),
			row('zz/gone', 'x'),
		];
		expect(await check(await fileRoot(), rows)).toMatchObject({
			...{ rows: 5, agreeingFiles: 0, agreeingLinks: 0, missing: 2, different: 3, withoutRow: 2 },
			examples: {
				missing: ['a/gone', 'zz/gone'],
				different: [
					'a/x: other content (SHA-512)',
					'a-b/y: 15 bytes in the database, 5 in the file root',
					'run.csv: 5 bytes in the database, 4 in the file root',
				],
				withoutRow: ['far', 'z'],
			},
		});
	});

	it('compares the content of link targets only when it is asked to', async () => {
		const root = await fileRoot();
		const rows = ROWS.map((given) => (given.path === 'run.csv' ? row('run.csv', 'c;d\n') : given));
		expect(await check(root, rows)).toMatchObject({ agreeingLinks: 1, different: 0 });
		expect(await check(root, rows, true)).toMatchObject({ agreeingLinks: 0, different: 1 });
	});

	it('takes a file for removed meanwhile when its folder has changed since the snapshot', async () => {
		const root = await fileRoot();
		const later = Date.now() / 1000 + 60;
		for (const path of ['a', '']) utimesSync(join(root, path), later, later);
		const rows = [row('a/gone', 'x'), row('a-b/gone', 'x'), row('gone', 'x'), row('new/gone', 'x')];
		expect(await check(root, rows)).toMatchObject({
			removedMeanwhile: 1,
			missing: 3,
			examples: { removedMeanwhile: ['a/gone'], missing: ['a-b/gone', 'gone', 'new/gone'] },
		});
	});

	it('takes so many for missing that nobody removes between two backups', async () => {
		const root = await fileRoot();
		const later = Date.now() / 1000 + 60;
		utimesSync(join(root, 'a'), later, later);
		const gone = (count: number): FileRow[] =>
			Array.from({ length: count }, (_, index) => row(`a/gone ${100 + index}`, 'x'));
		expect(await check(root, gone(10))).toMatchObject({ removedMeanwhile: 10, missing: 0 });
		const many = await check(root, gone(11));
		expect(many).toMatchObject({ removedMeanwhile: 0, missing: 11 });
		expect(many.examples.missing).toHaveLength(10);
	});

	it('knows the content of a file by each of its names', async () => {
		const root = await fileRoot();
		linkSync(join(root, 'a/x'), join(root, 'second'));
		linkSync(join(root, 'a/x'), join(root, 'third'));
		const rows = [...ROWS, row('second', 'a/x'), row('third', 'b/x')];
		expect(await check(root, rows)).toMatchObject({ agreeingFiles: 3, different: 1 });
	});

	it('does without checksums that the database has not', async () => {
		const rows = [{ id: '1', path: 'z', size: 1 }];
		expect(await check(await fileRoot(), rows)).toMatchObject({ agreeingFiles: 1, different: 0 });
	});

	it('names few of very many', async () => {
		const rows = Array.from({ length: 500 }, (_, index) => row(`zz/${1000 + index}`, 'x'));
		const found = await check(await fileRoot(), rows);
		expect(found.missing).toBe(500);
		expect(found.examples.missing).toHaveLength(10);
	});

	it('refuses a list that is cut, changed or out of order', async () => {
		const root = await fileRoot();
		const { index } = await indexedArchive(root);
		const bytes = rowsOf(ROWS);
		const compare = async (list: Buffer): Promise<CrossCheck> =>
			await crossCheck(await readFileRows(pieces(list, 1000)), async () =>
				readIndex(pieces(index, 1000)),
			);
		for (let end = 0; end < bytes.length; end += 41) {
			await expect(compare(bytes.subarray(0, end))).rejects.toMatchObject({
				code: 'artifact_corrupt',
			});
		}
		const mixed = rowsOf([...ROWS].reverse());
		await expect(compare(mixed)).rejects.toMatchObject({ code: 'artifact_corrupt' });
	});
});
