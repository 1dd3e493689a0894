import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { bundledProgram, debianFolder } from '../servers/debian-packages.ts';
import { debianTool } from '../servers/debian-tool.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract } from './archive-bytes.ts';
import { asPlainUser } from './as-plain-user.ts';
import { treeDifferences } from './compare-trees.ts';
import { makeSampleTree } from './sample-tree.ts';

const BIG = { encoding: 'buffer', maxBuffer: 1e8 } as const;

let folder: string;
let root: string;
let target: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
	makeSampleTree(root);
	mkdirSync(join(root, 'closed'));
	chmodSync(join(root, 'closed'), 0);
});

async function bsdtar(args: readonly string[], input?: Buffer): Promise<Buffer> {
	const [command = '', ...first] = await debianTool({
		program: 'bsdtar',
		package: 'libarchive-tools',
	});
	const options = input === undefined ? BIG : { ...BIG, input };
	return execFileSync(command, [...first, ...args], options);
}

/** Without what a format with whole seconds since 1970 cannot keep, and the target's own time. */
function differences(a: string, b: string, keepsFractions: boolean): string[] {
	return treeDifferences(a, b).filter((line) => {
		if (line.startsWith(': ')) return false;
		if (keepsFractions) return true;
		const [was, is] = line
			.slice(line.indexOf(': ') + 2)
			.split(' → ')
			.map((text) => text.replace(/(?<=\d:\d+) -?\d+(?= |$)/, ''));
		return was !== is;
	});
}

describe('bsdtar', () => {
	it('extracts our archive to an equal tree', async () => {
		const { tar } = await archive(root);
		await bsdtar(['-xpf', '-', '-C', target], tar);
		expect(differences(root, target, true)).toEqual([]);
	});

	it.each([
		['pax', true],
		['gnutar', false],
	])('writes %s archives that are restored to an equal tree', async (format, keepsFractions) => {
		const tar = await bsdtar([`--format=${format}`, '-C', root, '-cf', '-', '.']);
		await extract(tar, target);
		expect(differences(root, target, keepsFractions)).toEqual([]);
	});
});

describe('extended attributes', () => {
	it('of a tar are reported, not restored', async () => {
		writeFileSync(join(root, 'empty/labelled'), 'x');
		execFileSync('python3', [
			'-c',
			"import os,sys; os.setxattr(sys.argv[1], b'user.origin', b'microscope')",
			join(root, 'empty/labelled'),
		]);
		for (const tar of [
			execFileSync('tar', ['--xattrs', '--format=pax', '-C', root, '-cf', '-', '.'], BIG),
			await bsdtar(['--xattrs', '--format=pax', '-C', root, '-cf', '-', '.']),
		]) {
			const to = await temporaryFolder();
			expect((await extract(tar, to)).warnings).toEqual([
				expect.stringContaining('1 entries have extended attributes'),
			]);
		}
	});
});

describe('a plain user', () => {
	it('archives and restores what GNU tar does', () => {
		chmodSync(folder, 0o777);
		execFileSync('chmod', ['-R', 'a+rX', root]);
		const body = `
			const { tar } = await bytes.archive(${JSON.stringify(root)});
			const { writeFileSync } = await import('node:fs');
			writeFileSync(${JSON.stringify(join(folder, 'plain.tar'))}, tar);
			return await bytes.extract(tar, ${JSON.stringify(target)});`;
		const { value, error } = asPlainUser(target, body);
		expect(error).toBeUndefined();
		const tar = readFileSync(join(folder, 'plain.tar'));
		const byGnu = join(folder, 'by gnu');
		mkdirSync(byGnu);
		execFileSync('tar', ['--same-permissions', '-xf', '-', '-C', byGnu], { input: tar });
		expect(treeDifferences(root, byGnu)).toEqual([]);
		expect(treeDifferences(root, target, { owners: false })).toEqual([]);
		if (process.getuid?.() !== 0) return;
		expect(value).toMatchObject({
			warnings: [expect.stringContaining('only root can set owners')],
		});
	});

	const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

	it.each(['tar', 'bsdtar'])('restores what %s writes', async (program) => {
		chmodSync(folder, 0o777);
		const file = join(folder, 'foreign.tar');
		const args = ['--format=pax', '-C', root, '-cf', '-', '.'];
		writeFileSync(file, program === 'tar' ? execFileSync('tar', args, BIG) : await bsdtar(args));
		const body = `
			const { readFileSync } = await import('node:fs');
			return await bytes.extract(readFileSync(${JSON.stringify(file)}), ${JSON.stringify(target)});`;
		expect(asPlainUser(target, body).error).toBeUndefined();
		expect(treeDifferences(root, target, { owners: false })).toEqual([]);
	});

	it('extracts our archive with bsdtar', async () => {
		chmodSync(folder, 0o777);
		const { tar } = await archive(root);
		if (NOBODY.uid !== undefined) chownSync(target, NOBODY.uid, NOBODY.uid);
		const unpacked = await debianFolder({
			...{ name: 'debian-bookworm-libarchive-tools', suite: 'bookworm' },
			packages: ['libarchive-tools'],
		});
		// The cache is closed to that user.
		const tools = join(folder, 'tools');
		cpSync(unpacked, tools, { recursive: true, verbatimSymlinks: true });
		const [command = '', ...first] = bundledProgram(tools, 'usr/bin/bsdtar');
		execFileSync(command, [...first, '-xpf', '-', '-C', target], { input: tar, ...NOBODY });
		const different = treeDifferences(root, target, { owners: false }).filter(
			(line) => !line.startsWith(': '),
		);
		// It gives nobody's file no right of its owner.
		const withoutSetId = /^private\/set-id: file 4750 .* → file 750 /;
		expect(different.filter((line) => !withoutSetId.test(line))).toEqual([]);
		expect(different).toHaveLength(NOBODY.uid === undefined ? 0 : 1);
	});

	it('extracts our archive with GNU tar', async () => {
		chmodSync(folder, 0o777);
		const { tar } = await archive(root);
		if (NOBODY.uid !== undefined) chownSync(target, NOBODY.uid, NOBODY.uid);
		execFileSync('tar', ['--same-permissions', '-xf', '-', '-C', target], {
			input: tar,
			...NOBODY,
		});
		expect(treeDifferences(root, target, { owners: false })).toEqual([]);
	});
});
