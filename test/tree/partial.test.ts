import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { chooseMembers, extractTree } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive, pieces } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';
import { makeSampleTree } from './sample-tree.ts';

let root: string;
let target: string;
beforeEach(async () => {
	const folder = await temporaryFolder();
	[root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
	makeSampleTree(root);
	mkdirSync(join(root, 'runs/2024'), { recursive: true, mode: 0o750 });
	for (const name of ['runs/a.csv', 'runs/2024/b.csv', 'runs/2024/c.tif']) {
		writeFileSync(join(root, name), name);
	}
});

async function restoreOnly(
	patterns: readonly string[],
	given?: Buffer,
): Promise<{ names: string[]; report: Awaited<ReturnType<typeof extractTree>> }> {
	const tar = given ?? (await archive(root)).tar;
	const { choice } = await chooseMembers(pieces(tar, 1000), patterns, CONTEXT);
	const chunks = pieces(tar, 1000);
	const report = await extractTree({ target, displayTarget: target, chunks, choice }, CONTEXT);
	const names = execFileSync('find', ['.', '-mindepth', '1', '!', '-type', 'd'], {
		cwd: target,
		encoding: 'utf8',
	});
	return { names: names.trim().split('\n').sort(), report };
}

/** Only what both trees have is compared, folders without their time. */
function changed(): string[] {
	return treeDifferences(root, target).filter((line) => !/→ missing$|^: /.test(line));
}

describe('a part of an archive', () => {
	it.each<[string, string[], string[]]>([
		['a folder', ['runs/2024/'], ['./runs/2024/b.csv', './runs/2024/c.tif']],
		['one file', ['/runs/a.csv'], ['./runs/a.csv']],
		['one file by the name in the archive', ['./runs/a.csv'], ['./runs/a.csv']],
		['a pattern', ['runs/**/*.csv'], ['./runs/2024/b.csv', './runs/a.csv']],
		['what no later pattern takes back', ['runs/2024/*', '!*.csv'], ['./runs/2024/c.tif']],
	])('is %s', async (_what, patterns, expected) => {
		const { names, report } = await restoreOnly(patterns);
		expect(names).toEqual(expected);
		expect(changed()).toEqual([]);
		expect(report.files).toBe(names.length);
		expect(lstatSync(join(target, 'runs')).mode).toBe(lstatSync(join(root, 'runs')).mode);
	});

	it('is a second name, with the content of the first', async () => {
		linkSync(join(root, 'runs/a.csv'), join(root, 'runs/same'));
		linkSync(join(root, 'runs/a.csv'), join(root, 'runs/too'));
		const { names } = await restoreOnly(['same', 'too']);
		expect(names).toEqual(['./runs/same', './runs/too']);
		expect(readFileSync(join(target, 'runs/too'), 'utf8')).toBe('runs/a.csv');
		expect(lstatSync(join(target, 'runs/too')).nlink).toBe(2);
	});

	it('is refused when the archive has nothing of it', async () => {
		const { tar } = await archive(root);
		await expect(restoreOnly(['missing/'], tar)).rejects.toMatchObject({ code: 'invalid_option' });
		await expect(restoreOnly([' '], tar)).rejects.toMatchObject({ code: 'invalid_option' });
		expect(readdirSync(target)).toEqual([]);
	});
});
