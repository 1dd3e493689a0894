import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { fileRootRollBack } from '../../lib/job/file-root-roll-back.ts';
import { FILE_JOB, folderOf } from '../job/job-context.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive } from './archive-bytes.ts';
import { asPlainUser } from './as-plain-user.ts';

/*
 * Roots that were kept, and the way back to each of them; every state that a run may leave when it dies
 * is made by hand.
 */

const WAYS = ['beside', 'inside'] as const;
type Way = (typeof WAYS)[number];

let folder: string;
let place: string;
let root: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	place = join(folder, 'place');
	root = join(place, 'caosroot');
	mkdirSync(root, { recursive: true });
	writeFileSync(join(root, 'which'), 'first');
	for (const which of ['second', 'third']) {
		const made = join(folder, which);
		mkdirSync(made);
		writeFileSync(join(made, 'which'), which);
		writeFileSync(join(made, `only in ${which}`), 'x');
		writeFileSync(join(folder, `${which}.tar`), (await archive(made)).tar);
	}
});

function targetOf(way: Way): Parameters<typeof fileRootRollBack>[0] {
	return { target: folderOf(root), ...(way === 'beside' ? { parent: folderOf(place) } : {}) };
}

async function restore(
	way: Way,
	which: string,
	ifNotEmpty: 'fail' | 'overwrite' | 'replace' = 'replace',
): Promise<string> {
	const source = { kind: 'file', folder: folderOf(folder), fileName: `${which}.tar` } as const;
	const report = await fileRootRestore({ ...targetOf(way), source, ifNotEmpty }, FILE_JOB);
	return report.keptPath ?? '';
}

async function back(way: Way, keptPath?: string): ReturnType<typeof fileRootRollBack> {
	const input = { ...targetOf(way), ...(keptPath === undefined ? {} : { keptPath }) };
	return await fileRootRollBack(input, FILE_JOB);
}

function which(path = root): string {
	return readFileSync(join(path, 'which'), 'utf8');
}

/** All but the roots that are kept. */
function beside(way: Way): string[] {
	return readdirSync(way === 'beside' ? place : root).filter((name) => !/-\d{8}T\d{6}Z/.test(name));
}

function stem(way: Way): string {
	return way === 'beside'
		? join(place, '.caosroot.n8n-caosdb-swap')
		: join(root, '.n8n-caosdb-swap');
}

const missing = expect.objectContaining({ code: 'path_missing' });

describe.each(WAYS)('roots that were kept %s', (way) => {
	it('come back one after the other, the newest first', async () => {
		const first = await restore(way, 'second');
		const second = await restore(way, 'third');
		expect([which(first), which(second), which()]).toEqual(['first', 'second', 'third']);
		const [one, two] = [await back(way), await back(way)];
		expect([one.restoredFrom, two.restoredFrom]).toEqual([second, first]);
		expect([which(one.keptPath), which(two.keptPath), which()]).toEqual([
			'third',
			'second',
			'first',
		]);
		expect(existsSync(join(root, 'only in third'))).toBe(false);
		await expect(back(way)).rejects.toEqual(missing);
		expect(which()).toBe('first');
	});

	it('come back by name: the older one, and what a roll back kept', async () => {
		const first = await restore(way, 'second');
		const second = await restore(way, 'third');
		const undone = await back(way, first);
		expect(undone).toMatchObject({ restoredFrom: first, wasDone: false });
		expect([which(), which(undone.keptPath), which(second)]).toEqual(['first', 'third', 'second']);
		await back(way, `${undone.keptPath}/`);
		expect(which()).toBe('third');
		// The last part of the path will do.
		await back(way, second.slice(second.lastIndexOf('/') + 1));
		expect(which()).toBe('second');
	});

	it('are gone back to once, however often it is asked for', async () => {
		const first = await restore(way, 'second');
		const second = await restore(way, 'third');
		const done = await back(way, second);
		for (let again = 0; again < 3; again++) {
			const { summary, ...report } = await back(way, second);
			expect(report).toMatchObject({
				...{ restoredFrom: second, keptPath: done.keptPath, wasDone: true },
			});
			expect(summary).toContain('already: nothing was changed');
			expect([which(), which(done.keptPath), which(first)]).toEqual(['second', 'third', 'first']);
		}
		// What the server has written since does not matter.
		writeFileSync(join(root, 'new'), 'x');
		expect(await back(way, second)).toMatchObject({ wasDone: true });
	});

	it('are not said to be in place when something else is', async () => {
		const first = await restore(way, 'second');
		await back(way, first);
		const second = await restore(way, 'third');
		await expect(back(way, first)).rejects.toEqual(missing);
		await back(way, second);
		await restore(way, 'third', 'overwrite');
		await expect(back(way, second)).rejects.toEqual(missing);
		const third = await restore(way, 'third');
		await back(way, third);
		for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
		await expect(back(way, third)).rejects.toEqual(missing);
		await restore(way, 'second', 'fail');
		await expect(back(way, third)).rejects.toEqual(missing);
	});

	it('are known by their own names only', async () => {
		const first = await restore(way, 'second');
		const name = first.slice(first.lastIndexOf('/') + 1);
		for (const wrong of [
			root,
			'..',
			`../${name}`,
			`/elsewhere/${name}`,
			`${first}x`,
			`${first}/which`,
			stem(way),
		]) {
			await expect(back(way, wrong)).rejects.toMatchObject({ code: 'invalid_option' });
		}
		const gone = first.replace(/\d{8}T/, '20010101T');
		await expect(back(way, gone)).rejects.toEqual(missing);
		expect([which(), beside(way).filter((entry) => entry.endsWith('.partial'))]).toEqual([
			'second',
			[],
		]);
	});

	/** After two restores and a roll back: every moment from the end of its swap to its answer. */
	const ENDS: Readonly<Record<string, () => void>> = {
		'the journal still where it was': () => {
			mkdirSync(`${stem(way)}.partial`);
			renameSync(`${stem(way)}.last`, `${stem(way)}.partial/journal`);
		},
		'the next journal half written': () => {
			mkdirSync(`${stem(way)}.partial`);
			renameSync(`${stem(way)}.last`, `${stem(way)}.partial/journal`);
			writeFileSync(`${stem(way)}.partial/journal.next`, '{"fr');
		},
		'the journal moved, its folder there': () => {
			mkdirSync(`${stem(way)}.partial`);
			renameSync(`${stem(way)}.last`, `${stem(way)}.done`);
		},
		'the journal moved, its folder gone': () =>
			renameSync(`${stem(way)}.last`, `${stem(way)}.done`),
	};
	it.each(Object.keys(ENDS))('is one step back with %s', async (name) => {
		for (const named of [false, true]) {
			const first = await restore(way, 'second');
			const second = await restore(way, 'third');
			const done = await back(way);
			expect(done.restoredFrom).toBe(second);
			ENDS[name]?.();
			expect(await back(way, named ? second : undefined)).toMatchObject({
				restoredFrom: second,
				keptPath: done.keptPath,
			});
			expect([which(), which(first)]).toEqual(['second', 'first']);
			expect(beside(way).filter((entry) => /\.(partial|done|lock)$/.test(entry))).toEqual([]);
			expect(readdirSync(done.keptPath)).toContain('only in third');
			// From here on it has been answered.
			expect((await back(way)).restoredFrom).toBe(first);
			expect(which()).toBe('first');
		}
	});

	it('is not one step back when it had not begun', async () => {
		await restore(way, 'second');
		const second = await restore(way, 'third');
		mkdirSync(`${stem(way)}.partial`);
		writeFileSync(`${stem(way)}.partial/journal.next`, '{"fr');
		expect(await back(way)).toMatchObject({ restoredFrom: second, wasDone: false });
		expect(which()).toBe('second');
	});

	it('are reported by the next restore as by a roll back', async () => {
		const first = await restore(way, 'second');
		await back(way, first);
		renameSync(`${stem(way)}.last`, `${stem(way)}.done`);
		const kept = await restore(way, 'third');
		expect([which(), which(kept)]).toEqual(['third', 'first']);
		expect(beside(way).filter((entry) => /\.(partial|done|lock)$/.test(entry))).toEqual([]);
	});

	it.each([
		['not text of ours', 'hello'],
		['a list', '[]'],
		['a way out', JSON.stringify({ ...plainJournal(), from: '../../elsewhere' })],
		['a name of the root', JSON.stringify({ ...plainJournal(), keepAs: 'caosroot' })],
		['an entry elsewhere', JSON.stringify({ ...plainJournal(), old: ['../which'] })],
	])('a journal that is %s moves nothing', async (_what, text) => {
		await restore(way, 'second');
		mkdirSync(`${stem(way)}.partial`);
		writeFileSync(`${stem(way)}.partial/journal`, text);
		await expect(back(way)).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
		await expect(restore(way, 'third')).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
		expect(which()).toBe('second');
		expect(readdirSync(folder).sort()).toEqual([
			...['place', 'second', 'second.tar', 'third', 'third.tar'],
		]);
	});
});

function plainJournal(): object {
	const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: 1 };
	return {
		...{ from: 'caosroot.before-20200101T000000Z', keepAs: 'caosroot.undone-20200101T000001Z' },
		...{ identity: '1 1', old: [], before: attributes, after: attributes, isEmptied: false },
	};
}

it('what a killed run made is cleared by a plain user, too', () => {
	const locked = `${stem('beside')}.partial/content/locked`;
	mkdirSync(locked, { recursive: true });
	writeFileSync(join(locked, 'file'), 'x');
	if (process.getuid?.() === 0) execFileSync('chown', ['-R', '65534:65534', folder]);
	chmodSync(locked, 0);
	const at = JSON.stringify({ path: root, displayPath: root, parent: place });
	const answer = asPlainUser(folder, `return new tree.RootSwap(${at}).recover() ?? 'nothing';`);
	expect(answer).toEqual({ value: 'nothing' });
	expect(beside('beside')).toEqual(['caosroot']);
});

describe('a swap beside', () => {
	/** Between its two renames; what was kept is `first`. */
	async function cutInTheMiddle(): Promise<{ first: string; undone: string }> {
		const first = await restore('beside', 'second');
		const { keptPath } = await back('beside', first);
		mkdirSync(`${stem('beside')}.partial`);
		renameSync(`${stem('beside')}.last`, `${stem('beside')}.partial/journal`);
		renameSync(root, first);
		return { first, undone: keptPath };
	}

	it('is finished although the root was made anew in the meantime', async () => {
		const { first, undone } = await cutInTheMiddle();
		mkdirSync(root);
		expect(await back('beside')).toMatchObject({ restoredFrom: first, keptPath: undone });
		expect([which(), which(undone)]).toEqual(['first', 'second']);
	});

	it('is finished before the root is replaced, however it was opened', async () => {
		const { undone } = await cutInTheMiddle();
		mkdirSync(root);
		const kept = await whileOpen(root, async (path) => {
			const source = { kind: 'file', folder: folderOf(folder), fileName: 'third.tar' } as const;
			const target = { path, displayPath: root };
			const input = { ...targetOf('beside'), target, source, ifNotEmpty: 'replace' } as const;
			return (await fileRootRestore(input, FILE_JOB)).keptPath ?? '';
		});
		expect([which(), which(kept), which(undone)]).toEqual(['third', 'first', 'second']);
	});

	it('is over although what it kept was removed before the next run', async () => {
		const first = await restore('beside', 'second');
		const second = await restore('beside', 'third');
		const { keptPath } = await back('beside');
		mkdirSync(`${stem('beside')}.partial`);
		renameSync(`${stem('beside')}.last`, `${stem('beside')}.partial/journal`);
		rmSync(keptPath, { recursive: true });
		expect(await back('beside')).toMatchObject({ restoredFrom: second });
		expect([which(), which(first)]).toEqual(['second', 'first']);
	});

	it('is not taken for another root at the same place', async () => {
		const first = await restore('beside', 'second');
		await back('beside', first);
		rmSync(root, { recursive: true });
		mkdirSync(root);
		writeFileSync(join(root, 'which'), 'mine');
		await expect(back('beside', first)).rejects.toEqual(missing);
		expect(which()).toBe('mine');
	});

	it('goes back to a root that keeps older ones inside', async () => {
		const inside = await restore('inside', 'second');
		const kept = await restore('beside', 'third');
		await back('beside', kept);
		expect([which(), which(inside)]).toEqual(['second', 'first']);
	});
});

/** As n8n opens a folder: what happens to its path later does not matter. */
async function whileOpen<T>(path: string, run: (opened: string) => Promise<T>): Promise<T> {
	const handle = await open(path, 'r');
	try {
		return await run(`/proc/self/fd/${handle.fd}/.`);
	} finally {
		await handle.close();
	}
}
