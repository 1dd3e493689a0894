import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { bundledProgram, debianFolder } from '../servers/debian-packages.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract } from './archive-bytes.ts';
import { asPlainUser } from './as-plain-user.ts';
import { treeDifferences } from './compare-trees.ts';
import { makeEverythingTree } from './everything-tree.ts';

/*
 * A tree with everything in it, there and back between this package and the standard programs, both run
 * by root or both by one plain user, who owns the tree.
 */

const NOBODY = 65534;
const IS_ROOT = process.getuid?.() === 0;
const USERS = IS_ROOT ? (['root', 'a plain user'] as const) : (['a plain user'] as const);
type User = (typeof USERS)[number];
const PROGRAMS = ['GNU tar', 'bsdtar'] as const;
type Program = (typeof PROGRAMS)[number];

/** A copy: the cache is closed to that user. */
let tools: string;
beforeAll(async () => {
	const unpacked = await debianFolder({
		...{ name: 'debian-bookworm-libarchive-tools', suite: 'bookworm' },
		packages: ['libarchive-tools'],
	});
	tools = await mkdtemp(join(tmpdir(), 'n8n-caosdb-tools-'));
	chmodSync(tools, 0o755);
	cpSync(unpacked, tools, { recursive: true, verbatimSymlinks: true });
});
afterAll(async () => await rm(tools, { recursive: true, force: true }));

let folder: string;
let root: string;
let target: string;
let file: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	[root, target, file] = [join(folder, 'root'), join(folder, 'target'), join(folder, 'tar')];
	mkdirSync(root);
	mkdirSync(target);
	chmodSync(folder, 0o777);
	makeEverythingTree(root);
});

/** Gives all of it to the user; what nobody but root may read stays only for root. */
function giveTo(user: User): void {
	mkdirSync(join(root, 'closed'));
	if (user === 'root') chmodSync(join(root, 'closed'), 0);
	else if (IS_ROOT) {
		// Some modes go with the owner.
		execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, root]);
		chmodSync(join(root, 'private/set-id'), 0o4750);
		chmodSync(join(root, 'shared'), 0o3775);
	}
	if (user !== 'root' && IS_ROOT) chownSync(target, NOBODY, NOBODY);
}

function run(program: Program, user: User, args: readonly string[]): void {
	const command = program === 'GNU tar' ? ['tar'] : bundledProgram(tools, 'usr/bin/bsdtar');
	const [name = '', ...first] = command;
	const as = user === 'root' || !IS_ROOT ? {} : { uid: NOBODY, gid: NOBODY };
	execFileSync(name, [...first, ...args], { ...as, cwd: folder, stdio: 'pipe' });
}

async function ourArchive(user: User): Promise<void> {
	if (user === 'root') return writeFileSync(file, (await archive(root)).tar);
	const { error } = asPlainUser(
		target,
		`const { tar } = await bytes.archive(${JSON.stringify(root)});
		(await import('node:fs')).writeFileSync(${JSON.stringify(file)}, tar);`,
	);
	expect(error).toBeUndefined();
}

async function ourRestore(user: User): Promise<void> {
	if (user === 'root') return void (await extract(readFileSync(file), target));
	const { error } = asPlainUser(
		target,
		`const tar = (await import('node:fs')).readFileSync(${JSON.stringify(file)});
		await bytes.extract(tar, ${JSON.stringify(target)});`,
	);
	expect(error).toBeUndefined();
}

/** But for the target's own time. */
function differences(): string[] {
	return treeDifferences(root, target).filter((line) => !line.startsWith(': '));
}

describe.each(PROGRAMS)('%s', (program) => {
	it.each(USERS)('as %s extracts our archive to an equal tree', async (user) => {
		giveTo(user);
		await ourArchive(user);
		run(program, user, ['-xpf', file, '-C', target]);
		expect(differences()).toEqual([]);
	});

	it.each(USERS)('as %s writes an archive that we restore to an equal tree', async (user) => {
		giveTo(user);
		const sparse = program === 'GNU tar' ? ['--sparse'] : [];
		run(program, user, ['--format=pax', ...sparse, '-cf', file, '-C', root, '.']);
		await ourRestore(user);
		expect(differences()).toEqual([]);
	});
});
