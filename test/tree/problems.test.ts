import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { NO_PROGRESS, type Ports } from '../../lib/core/index.ts';
import { fileRootArchive } from '../../lib/job/file-root-archive.ts';
import { archiveTree, inspectTree } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, archive } from './archive-bytes.ts';
import { asPlainUser } from './as-plain-user.ts';

const SKIP = { onProblem: 'skip', onBlocked: 'skip' } as const;

let folder: string;
let root: string;
beforeEach(async () => {
	folder = await temporaryFolder();
	root = join(folder, 'root');
	mkdirSync(root);
	writeFileSync(join(root, 'good'), 'good');
});

/** Names in an archive, as GNU tar lists them. */
function listed(tar: Buffer): string[] {
	return execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n');
}

describe('an entry that is neither file, folder nor link', () => {
	it.each([
		['a named pipe', () => execFileSync('mkfifo', [join(root, 'odd')])],
		[
			'a socket',
			async () => {
				const server = createServer().listen(join(root, 'odd'));
				onTestFinished(() => void server.close());
				await new Promise((resolve) => server.once('listening', resolve));
			},
		],
	])('%s is an error, or skipped and reported', async (kind, make) => {
		await make();
		await expect(archive(root)).rejects.toMatchObject({
			code: 'tree_entry_unsupported',
			message: `${join(root, 'odd')} is ${kind}`,
		});
		const { tar, summary } = await archive(root, SKIP);
		expect(listed(tar)).toEqual(['./', './good']);
		expect(summary()).toMatchObject({
			skippedEntries: 1,
			skipped: [{ item: join(root, 'odd'), code: 'tree_entry_unsupported' }],
			warnings: [expect.stringContaining('1 entry was skipped')],
		});
	});
});

describe('an entry that n8n blocks', () => {
	const context = {
		...CONTEXT,
		paths: {
			blocked: async (paths: readonly string[]) => paths.map((path) => path.includes('.git')),
		},
	};
	beforeEach(() => {
		for (const name of ['.git', 'a/.git', 'a/b/.git']) {
			mkdirSync(join(root, name), { recursive: true });
			writeFileSync(join(root, name, 'config'), 'secret');
		}
	});

	it('is one error with count and examples', async () => {
		await expect(archive(root, {}, context)).rejects.toMatchObject({
			code: 'path_blocked',
			message: `n8n may not access 3 entries: ${['.git', 'a/.git', 'a/b/.git'].map((name) => join(root, name)).join(', ')}`,
			remedy: expect.stringContaining('N8N_BLOCK_FILE_PATTERNS'),
		});
	});

	it('is skipped on request, and left out without a word when excluded', async () => {
		const { tar, summary } = await archive(root, SKIP, context);
		expect(listed(tar)).toEqual(['./', './a/', './a/b/', './good']);
		expect(summary()).toMatchObject({ skippedEntries: 3 });
		const excluded = await archive(root, { exclude: ['.git/'] }, context);
		expect(excluded.tar.equals(tar)).toBe(true);
		expect(excluded.summary()).toMatchObject({ skippedEntries: 0, excludedEntries: 3 });
	});
});

describe('an entry that may not be read', () => {
	const IN_ROOT = `{ root: '.', displayRoot: '.' }`;
	beforeEach(() => {
		chmodSync(folder, 0o755);
		mkdirSync(join(root, 'closed'));
		writeFileSync(join(root, 'closed/x'), 'x');
		writeFileSync(join(root, 'private'), 'x');
		asPlainUser(root, '');
		execFileSync('chmod', ['000', join(root, 'closed'), join(root, 'private')]);
	});

	it('is an error with commands to copy', () => {
		const { error } = asPlainUser(folder, `return await bytes.archive(${JSON.stringify(root)});`);
		expect(error).toMatchObject({
			code: 'tree_entry_unreadable',
			message: expect.stringContaining(join(root, 'closed')),
			remedy: expect.stringMatching(/sudo setfacl -R -m u:\w+:rX -m d:u:\w+:rX '.*root'/),
		});
	});

	it('is skipped and reported on request', () => {
		const body = `
			const { tar, summary } = await bytes.archive(${JSON.stringify(root)}, ${JSON.stringify(SKIP)});
			return { ...summary(), tar: tar.toString('base64') };`;
		const value = asPlainUser(folder, body).value as { tar: string };
		expect(value).toMatchObject({ files: 1, folders: 1, skippedEntries: 2 });
		expect(listed(Buffer.from(value.tar, 'base64'))).toEqual(['./', './good']);
	});

	it('is told by an inspection, with commands to copy', () => {
		const selection = IN_ROOT.replaceAll("'.'", JSON.stringify(root));
		const body = `return await tree.inspectTree(${selection}, bytes.CONTEXT);`;
		expect(asPlainUser(folder, body).value).toMatchObject({
			files: 1,
			unreadableEntries: 2,
			problems: [{ item: join(root, 'closed') }, { item: join(root, 'private') }],
			readRemedy: expect.stringContaining('setfacl'),
		});
	});

	it('is an error when it is the root, whatever may be skipped', () => {
		const path = JSON.stringify(join(root, 'closed'));
		const { error } = asPlainUser(
			folder,
			`return await bytes.archive(${path}, ${JSON.stringify(SKIP)});`,
		);
		expect(error).toMatchObject({ code: 'tree_entry_unreadable' });
	});
});

describe('a tree that changes while it is read', () => {
	/** Something that happens after the folder was listed, before its entries are looked at. */
	function meanwhile(happens: () => void): typeof CONTEXT {
		const blocked = async (paths: readonly string[]): Promise<boolean[]> => {
			happens();
			return paths.map(() => false);
		};
		return { ...CONTEXT, paths: { blocked } };
	}

	it('a file that vanishes is an error, or skipped and reported', async () => {
		const context = meanwhile(() => rmSync(join(root, 'gone'), { force: true }));
		writeFileSync(join(root, 'gone'), 'x');
		await expect(archive(root, {}, context)).rejects.toMatchObject({
			code: 'tree_entry_changed',
			message: `${join(root, 'gone')} vanished while the tree was read`,
		});
		writeFileSync(join(root, 'gone'), 'x');
		const { tar, summary } = await archive(root, SKIP, context);
		expect(listed(tar)).toEqual(['./', './good']);
		expect(summary()).toMatchObject({ skipped: [{ code: 'tree_entry_changed' }] });
	});

	it.each<[string, (path: string) => void]>([
		['grows', (path) => appendFileSync(path, 'more')],
		['shrinks', (path) => truncateSync(path, 1_500_000)],
		[
			'is replaced',
			(path) => {
				writeFileSync(join(folder, 'new'), 'new');
				renameSync(join(folder, 'new'), path);
			},
		],
		['is overwritten', (path) => writeFileSync(path, Buffer.alloc(8_000_000, 'new'))],
	])('a large file that %s is an error, never filled up', async (_what, change) => {
		const path = join(root, 'large');
		writeFileSync(path, Buffer.alloc(8_000_000, 'old'));
		const { chunks } = await archiveTree({ root, displayRoot: root, ...SKIP }, CONTEXT);
		const reading = (async () => {
			let pieces = 0;
			for await (const piece of chunks) if (piece.length > 0 && ++pieces === 1) change(path);
		})();
		await expect(reading).rejects.toMatchObject({
			code: 'tree_entry_changed',
			details: { path },
		});
	});
});

describe('an archive job', () => {
	/** Stores to a file, and lets something happen each time after the first bytes came. */
	function ports(file: string, happens: (run: number) => void): Ports {
		let runs = 0;
		return {
			http: { request: async () => await Promise.reject(new Error('not used')) },
			paths: CONTEXT.paths,
			binary: {
				read: async () => await Promise.reject(new Error('not used')),
				write: async (content: Readable) => {
					const parts: Buffer[] = [];
					runs++;
					for await (const part of content) if (parts.push(part as Buffer) === 1) happens(runs);
					const bytes = Buffer.concat(parts);
					writeFileSync(file, bytes);
					return { id: file, bytes: bytes.length };
				},
			},
		};
	}
	const input = (onProblem: 'skip' | 'abort'): Parameters<typeof fileRootArchive>[0] => ({
		root: { path: root, displayPath: root },
		selection: { onProblem },
		destination: { kind: 'binary' },
		compression: { kind: 'none', level: 0 },
		verify: false,
	});
	let file: string;
	beforeEach(() => {
		file = join(folder, 'out.tar');
		writeFileSync(join(root, 'busy'), Buffer.alloc(8_000_000, 'x'));
	});
	const job = async (
		onProblem: 'skip' | 'abort',
		happens: (run: number) => void,
	): ReturnType<typeof fileRootArchive> => {
		const { signal } = CONTEXT;
		const context = { signal, progress: NO_PROGRESS, ports: ports(file, happens) };
		return await fileRootArchive(input(onProblem), context);
	};

	it('begins again when a large file changed, and gets it whole', async () => {
		const report = await job('abort', (run) => {
			if (run === 1) appendFileSync(join(root, 'busy'), 'more');
		});
		expect(report.status).toBe('complete');
		const content = execFileSync('tar', ['-xOf', file, './busy'], { maxBuffer: 1e8 });
		expect(content.length).toBe(8_000_004);
	});

	it('ends with an error when it changes every time, and stores nothing', async () => {
		const path = join(root, 'busy');
		const running = job('abort', () => appendFileSync(path, 'more'));
		await expect(running).rejects.toMatchObject({ code: 'tree_entry_changed', details: { path } });
		expect(readdirSync(folder)).not.toContain('out.tar');
	});

	it('leaves it out on request, and is partial', async () => {
		const report = await job('skip', () => appendFileSync(join(root, 'busy'), 'more'));
		expect(report).toMatchObject({
			status: 'partial',
			details: { skippedEntries: 1, skipped: [{ item: join(root, 'busy') }] },
		});
		expect(listed(readFileSync(file))).toEqual(['./', './good']);
	});
});

it('an inspection counts what would end an archive', async () => {
	execFileSync('mkfifo', [join(root, 'pipe')]);
	const found = await inspectTree({ root, displayRoot: root }, CONTEXT);
	expect(found).toMatchObject({ unsupportedEntries: 1, blockedEntries: 0, files: 1 });
	expect(found.readRemedy).toBeUndefined();
});
