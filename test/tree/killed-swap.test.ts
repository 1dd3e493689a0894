import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { archive } from './archive-bytes.ts';
import { copyTree, treeDifferences } from './compare-trees.ts';

/*
 * A process that replaces a root is killed before each of its changes to the file system, one after the
 * other. What it leaves is the old root or the new one, or the next run makes it so; nothing else stays.
 */

/** The journal of the last swap stays. */
const OWN = /n8n-caosdb-swap\.(?!last$)/;

let folder: string;
let old: string;
let middle: string;
let next: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[old, middle, next] = [join(folder, 'old'), join(folder, 'middle'), join(folder, 'new')];
	for (const path of [old, middle, next]) mkdirSync(join(path, 'both'), { recursive: true });
	writeFileSync(join(old, 'both/x'), 'old x');
	writeFileSync(join(old, 'only old'), 'old');
	writeFileSync(join(next, 'both/x'), 'new x');
	writeFileSync(join(next, 'only new'), 'new');
	symlinkSync('/nowhere', join(next, 'link'));
	writeFileSync(join(middle, 'both/x'), 'middle x');
	for (const path of [middle, next]) writeFileSync(`${path}.tar`, (await archive(path)).tar);
});

function run(args: readonly string[], killAt?: number): NodeJS.Signals | null {
	const preload = new URL('kill-at-call.ts', import.meta.url).href;
	const result = spawnSync(
		process.execPath,
		[
			...(killAt === undefined ? [] : ['--import', preload]),
			new URL('swap-process.ts', import.meta.url).pathname,
			...args,
		],
		{ encoding: 'utf8', env: { ...process.env, KILL_AT: String(killAt) } },
	);
	if (result.status !== 0 && result.signal === null) throw new Error(result.stderr);
	return result.signal;
}

/** Without what the package itself keeps at the top of a root. */
function differences(a: string, b: string): string[] {
	return treeDifferences(a, b).filter((line) => !/^(\.n8n-caosdb-.*)?: |^\.n8n-caosdb-/.test(line));
}

function isTree(path: string, tree: string): boolean {
	return existsSync(path) && differences(tree, path).length === 0;
}

/** Where the roots are that were kept. */
function kept(place: string, root: string): string[] {
	return [place, root]
		.flatMap((path) => (existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []))
		.filter((path) => /before-\d|undone-\d/.test(path));
}

describe.each(['beside', 'inside'])('a root that is replaced %s, and killed', (way) => {
	it('is the old or the new one, now or after the next run', { timeout: 300_000 }, async () => {
		let died = 0;
		for (let killAt = 1; ; killAt++) {
			const place = join(folder, `place ${killAt}`);
			const root = join(place, 'root');
			mkdirSync(place);
			await copyTree(old, root);
			const args = ['replace', root, way === 'beside' ? place : '-', folder, 'new.tar'];
			const signal = run(args, killAt);
			// Beside, what is at the root's place is whole at every moment, but for one between two renames.
			if (way === 'beside' && existsSync(root)) {
				expect([isTree(root, old), isTree(root, next)]).toContain(true);
			}
			if (signal === null) break;
			died++;
			run(args);
			expect(differences(next, root)).toEqual([]);
			const left = [...readdirSync(place), ...readdirSync(root)];
			expect(left.filter((name) => OWN.test(name))).toEqual([]);
			expect(kept(place, root).some((path) => isTree(path, old))).toBe(true);
			rmSync(place, { recursive: true });
		}
		expect(died).toBeGreaterThan(15);
	});

	it('is rolled back one step, or will be by the next run', { timeout: 300_000 }, async () => {
		const made = join(folder, 'made');
		mkdirSync(made);
		await copyTree(old, join(made, 'root'));
		const argsFor = (
			what: string,
			place: string,
			more: readonly string[] = ['new.tar'],
		): string[] => {
			return [what, join(place, 'root'), way === 'beside' ? place : '-', folder, ...more];
		};
		run(argsFor('replace', made, ['middle.tar']));
		run(argsFor('replace', made));
		const name = kept(made, join(made, 'root')).find((path) => isTree(path, middle)) ?? '';
		const byName = ['', basename(name)];
		/** Kills a roll back of what was made; says whether it came so far. A copy would be another root. */
		const killed = async (place: string, killAt: number): Promise<boolean> => {
			rmSync(place, { recursive: true, force: true });
			await copyTree(made, place);
			return run(argsFor('rollBack', place, byName), killAt) !== null;
		};
		const place = join(folder, 'place');
		const trees = (): string[] =>
			[old, middle, next].filter((tree) =>
				kept(place, join(place, 'root')).some((path) => isTree(path, tree)),
			);
		let killAt = 1;
		for (; await killed(place, killAt); killAt++) {
			run(argsFor('rollBack', place, byName));
			expect(differences(middle, join(place, 'root'))).toEqual([]);
			expect(trees()).toEqual([old, next]);
			await killed(place, killAt);
			run(argsFor('rollBack', place, ['']));
			expect(differences(middle, join(place, 'root'))).toEqual([]);
			expect(trees()).toEqual([old, next]);
			// The next run of any other kind ends it, too.
			await killed(place, killAt);
			run(argsFor('replace', place));
			expect(differences(next, join(place, 'root'))).toEqual([]);
			expect(trees().slice(0, 2)).toEqual([old, middle]);
		}
		// It has ended, but nobody may have heard of it.
		run(argsFor('rollBack', place, byName));
		expect(differences(middle, join(place, 'root'))).toEqual([]);
		expect(trees()).toEqual([old, next]);
		expect(killAt).toBeGreaterThan(5);
	});
});
