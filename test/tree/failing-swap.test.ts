import fs, { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { fileRootRollBack } from '../../lib/job/file-root-roll-back.ts';
import { FILE_JOB, folderOf } from '../job/job-context.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive } from './archive-bytes.ts';
import { copyTree, treeDifferences } from './compare-trees.ts';

/*
 * Every change to the file system fails once, one after the other, as on an ill disk. A run that ends with
 * an error has changed nothing; one that has changed the root says so.
 */

const CALLS = [
	'fsyncSync',
	'mkdirSync',
	'renameSync',
	'rmSync',
	'rmdirSync',
	'writeFileSync',
] as const;
const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;

/** Runs something whose n-th change fails; whether there were so many. */
async function failing(at: number, run: () => Promise<unknown>): Promise<boolean> {
	const originals = CALLS.map((name) => [name, functions[name]] as const);
	let left = at;
	for (const [name, original] of originals) {
		functions[name] = (...args) => {
			if (--left === 0) throw Object.assign(new Error('an ill disk'), { code: 'EIO' });
			return original?.(...args);
		};
	}
	syncBuiltinESMExports();
	try {
		await run();
	} finally {
		Object.assign(fs, Object.fromEntries(originals));
		syncBuiltinESMExports();
	}
	return left <= 0;
}

let folder: string;
let old: string;
let next: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[old, next] = [join(folder, 'old'), join(folder, 'new')];
	for (const path of [old, next]) {
		mkdirSync(join(path, 'both'), { recursive: true });
		writeFileSync(join(path, 'both/x'), path);
		writeFileSync(join(path, `only ${path === old ? 'old' : 'new'}`), 'x');
	}
	writeFileSync(join(folder, 'new.tar'), (await archive(next)).tar);
});

function isTree(path: string, tree: string): boolean {
	if (!existsSync(path)) return false;
	const lines = treeDifferences(tree, path);
	return lines.every((line) => /^(\.n8n-caosdb-.*)?: |^\.n8n-caosdb-/.test(line));
}

describe.each(['beside', 'inside'])('a swap %s on a disk that fails once', (way) => {
	const place = (): string => join(folder, 'place');
	const root = (): string => join(place(), 'root');
	const target = (): Parameters<typeof fileRootRollBack>[0] => ({
		target: folderOf(root()),
		...(way === 'beside' ? { parent: folderOf(place()) } : {}),
	});
	const restore = async (): Promise<unknown> => {
		const source = { kind: 'file', folder: folderOf(folder), fileName: 'new.tar' } as const;
		return await fileRootRestore({ ...target(), source, ifNotEmpty: 'replace' }, FILE_JOB);
	};
	const kept = (): string[] =>
		[place(), root()]
			.flatMap((path) => readdirSync(path).map((name) => join(path, name)))
			.filter((path) => /(before|undone)-\d{8}T/.test(path));

	/** Lets each change fail; `before` and `after` are what the root is. */
	async function everyFailure(
		run: () => Promise<unknown>,
		prepare: () => Promise<unknown>,
		{ before, after }: { readonly before: string; readonly after: string },
	): Promise<{ failed: number; done: number }> {
		const seen = { failed: 0, done: 0 };
		for (let at = 1; ; at++) {
			rmSync(place(), { recursive: true, force: true });
			mkdirSync(place());
			await copyTree(old, root());
			await prepare();
			let error: unknown;
			const struck = await failing(at, async () => {
				await run().catch((caught: unknown) => void (error = caught));
			});
			const left = [...readdirSync(place()), ...readdirSync(root())];
			const what = `${at}: ${String(error)} ${left.join(' ')}`;
			if (error === undefined) {
				expect(isTree(root(), after), what).toBe(true);
				expect(
					kept().some((path) => isTree(path, before)),
					what,
				).toBe(true);
				expect(
					left.filter((name) => /swap\.(partial|lock)$/.test(name)),
					what,
				).toEqual([]);
			} else {
				expect(isTree(root(), before), what).toBe(true);
			}
			if (!struck) return seen;
			seen[error === undefined ? 'done' : 'failed']++;
			// Whatever it was: the next run does what this one should have done.
			if (error === undefined) continue;
			await run();
			expect(isTree(root(), after), what).toBe(true);
		}
	}

	it('replaces the root, or leaves the old one', async () => {
		const seen = await everyFailure(restore, async () => undefined, { before: old, after: next });
		expect(seen.failed).toBeGreaterThan(5);
		expect(seen.done).toBeGreaterThan(2);
	});

	it('rolls back, or leaves the new one', async () => {
		const back = async (): Promise<unknown> => await fileRootRollBack(target(), FILE_JOB);
		const seen = await everyFailure(back, restore, { before: next, after: old });
		expect(seen.failed).toBeGreaterThan(1);
		expect(seen.done).toBeGreaterThan(2);
	});
});
