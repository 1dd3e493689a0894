import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, it } from 'vitest';

import { realBackup } from '../fixtures/real-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';

it("LinkAhead's own file root is restored, archived again, and restored by GNU tar and by us", async () => {
	const folder = await temporaryFolder();
	const [byTar, byUs, againByTar, againByUs] = ['a', 'b', 'c', 'd'].map((name) => {
		mkdirSync(join(folder, name));
		return join(folder, name);
	}) as [string, string, string, string];
	const { archiveFile } = await realBackup();
	execFileSync('tar', ['-xpzf', archiveFile, '-C', byTar, '--strip-components=4']);
	const report = await extract(gunzipSync(readFileSync(archiveFile)), byUs);
	expect(report).toMatchObject({ layout: 'oldPrefix', files: 29, folders: 22, symbolicLinks: 31 });
	expect(report).toMatchObject({ danglingLinks: 31 });
	// GNU tar strips the root's own member with the prefix.
	const butRoot = (line: string): boolean => !line.startsWith(': ');
	expect(treeDifferences(byTar, byUs).filter(butRoot)).toEqual([]);

	const { tar, summary } = await archive(byUs);
	expect(summary()).toMatchObject({ files: 29, symbolicLinks: 31, linksOutside: 31 });
	execFileSync('tar', ['-xpf', '-', '-C', againByTar], { input: tar });
	await extract(tar, againByUs);
	expect(treeDifferences(byUs, againByTar)).toEqual([]);
	expect(treeDifferences(byUs, againByUs)).toEqual([]);
	expect((await archive(againByUs)).tar.equals(tar)).toBe(true);
});
