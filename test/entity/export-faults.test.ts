import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { FAULT_KINDS, type Fault } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { exportTo, exportedFile } from './export-to.ts';
import { fillLaboratory, insertFile } from './laboratory.ts';

/*
 * Every failure that the server double knows, at every request of an export. Either the export is the same as
 * without it, or there is none and the error says why; nothing else lies in the folder.
 */

/** Failures that may pass: the export must be whole after one of them. */
const PASSING: readonly Fault[] = [
	...([{ kind: 'cut-before' }, { kind: 'unanswered' }, { kind: 'cut-inside' }] as const),
	{ kind: 'cut-after' },
	...([401, 429, 500, 503] as const).map((status) => ({ kind: 'status', status }) as const),
	{ kind: 'status', status: 502, html: true },
	...([{ kind: 'html' }, { kind: 'cut-xml' }, { kind: 'empty' }] as const),
	...([{ kind: 'short-page' }, { kind: 'cleared-cookie' }, { kind: 'no-ids' }] as const),
	{ kind: 'slow', delay: 10 },
];

/** Failures of the server's own word: no export, unless the request is not one that they touch. */
const LASTING: ReadonlyArray<readonly [Fault, readonly string[]]> = [
	[{ kind: 'status', status: 403 }, ['server_access_denied']],
	[{ kind: 'status', status: 400 }, ['server_failed']],
	[{ kind: 'status', status: 404 }, ['server_answer_invalid', 'entity_file_missing']],
	[{ kind: 'redirect', location: 'http://other/' }, ['server_answer_invalid']],
	[{ kind: 'changed-etag' }, ['server_changed']],
	[{ kind: 'wrong-checksum' }, ['entity_file_corrupt']],
];

interface Content {
	readonly document: string;
	readonly files: readonly string[];
}

function contentOf(folder: string): Content {
	const tar = (...args: string[]): string => String(execFileSync('tar', ['-xOf', ...args]));
	const file = exportedFile(folder);
	const files = String(execFileSync('tar', ['-tf', file]))
		.trim()
		.split('\n');
	return {
		document: tar(file, 'linkahead_data.xml'),
		files: [...files, tar(file, 'downloads/a.txt'), tar(file, 'downloads/b.txt')],
	};
}

/** The first member of the tar, without a process for each of many. */
function documentIn(folder: string): string {
	const tar = readFileSync(exportedFile(folder));
	const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
	return tar.toString('utf8', 512, 512 + size);
}

async function world() {
	const { emulator, client } = await testEmulator();
	await fillLaboratory(client);
	await insertFile(client, '/a.txt', 'content of a');
	await insertFile(client, '/b.txt', 'content of b');
	const folder = await temporaryFolder();
	// Three pages of ids, names and references, so that every kind of request is there.
	const selection = { kind: 'query', query: 'FIND RECORD Sample' } as const;
	const run = async (): Promise<void> =>
		void (await exportTo(emulator, folder, {
			export: { selection, referenceDepth: 1, backReferences: true },
		}));
	const withFiles = async (): Promise<void> => void (await exportTo(emulator, folder));
	return { emulator, folder, run, withFiles };
}

/** How many requests `run` makes after the login. */
async function requestsOf(
	{ emulator }: Awaited<ReturnType<typeof world>>,
	run: () => Promise<void>,
) {
	emulator.times.clear();
	await run();
	return emulator.times
		.list()
		.filter(({ kind }) => kind.startsWith('GET '))
		.reduce((sum, { count }) => sum + count, 0);
}

/** What is tried otherwise, or cannot touch an export, which only reads. */
const ELSEWHERE: Partial<Readonly<Record<Fault['kind'], string>>> = {
	'url-limit': 'below: long requests are cut, a single id that is too long is an error',
	'string-id':
		'below: an id that was asked for must come; of a query, ids are what the server says',
	refuse: 'writes only',
};

test('every failure that the server double knows is tried', () => {
	const tried = [...PASSING, ...LASTING.map(([fault]) => fault)].map(({ kind }) => kind);
	expect([...FAULT_KINDS].sort()).toEqual(
		[...new Set([...tried, ...Object.keys(ELSEWHERE)])].sort(),
	);
});

test('long addresses are cut, and what cannot be cut is an error', async () => {
	const { emulator, folder, run } = await world();
	await run();
	const whole = documentIn(folder);
	const limitTo = (length: number, status: 413 | 414 | 431): void => {
		emulator.faults.clear();
		const fault = { kind: 'url-limit', length, status } as const;
		emulator.faults.add({ fault, times: 0, path: '^/Entity/' });
	};
	for (const status of [413, 414, 431] as const) {
		limitTo('/Entity/100'.length, status);
		await run();
		expect(documentIn(folder)).toBe(whole);
		expect(emulator.faults.list()[0]?.seen).toBeGreaterThan(0);
		limitTo('/Entity/'.length, status);
		await expect(run()).rejects.toMatchObject({ code: 'server_failed' });
		expect(documentIn(folder)).toBe(whole);
	}
});

test('an entity that was asked for must come, not another one', async () => {
	const { emulator, folder, run } = await world();
	await run();
	const whole = documentIn(folder);
	for (let skip = 0; ; skip++) {
		emulator.faults.clear();
		emulator.faults.add({ fault: { kind: 'string-id' }, skip, path: '^/Entity/' });
		await run();
		expect(documentIn(folder)).toBe(whole);
		const requests = emulator.faults.list()[0]?.seen ?? 0;
		if (requests > skip) continue;
		expect(requests).toBeGreaterThan(1);
		break;
	}
});

describe.each(['run', 'withFiles'] as const)('an export (%s)', (which) => {
	test('is whole after any failure that passes, at any request', async () => {
		const given = await world();
		const { emulator, folder } = given;
		const requests = await requestsOf(given, given[which]);
		expect(requests).toBeGreaterThan(3);
		const whole = documentIn(folder);
		for (const fault of PASSING) {
			for (let skip = 0; skip < requests; skip++) {
				emulator.faults.clear();
				emulator.faults.add({ fault, skip, method: 'GET' });
				await given[which]();
				expect(documentIn(folder), `${JSON.stringify(fault)} at ${skip}`).toBe(whole);
				expect(readdirSync(folder)).toEqual(['export.tar']);
			}
		}
	});

	test('does not come into being after a failure that lasts', async () => {
		const given = await world();
		const { emulator, folder } = given;
		const requests = await requestsOf(given, given[which]);
		let before = readFileSync(exportedFile(folder));
		for (const [fault, codes] of LASTING) {
			for (let skip = 0; skip < requests; skip++) {
				emulator.faults.clear();
				emulator.faults.add({ fault, skip, times: 0, method: 'GET' });
				const code = await given[which]().then(
					() => 'none',
					(error: unknown) => (error as { code?: string }).code ?? String(error),
				);
				// The last pages and requests for ids have no mark, requests for documents no content.
				const isTouched = fault.kind === 'status' || fault.kind === 'redirect';
				const allowed = isTouched ? codes : [...codes, 'none'];
				expect(allowed, `${JSON.stringify(fault)} at ${skip}`).toContain(code);
				const after = readFileSync(exportedFile(folder));
				if (code !== 'none') expect(after.equals(before)).toBe(true);
				before = after;
				expect(readdirSync(folder)).toEqual(['export.tar']);
			}
		}
	});
});

test('the document and the contents are the same after a failure', async () => {
	const given = await world();
	await given.withFiles();
	const whole = contentOf(given.folder);
	expect(whole.files.slice(-2)).toEqual(['content of a', 'content of b']);
	given.emulator.faults.add({ fault: { kind: 'cut-inside' }, times: 3, path: 'FileSystem|query' });
	await given.withFiles();
	expect(contentOf(given.folder)).toEqual(whole);
});

test('a path that leads out of the file root is refused', async () => {
	const { emulator, client } = await testEmulator();
	await insertFile(client, '/a.txt', 'content');
	const [file] = [...emulator.store.heads()].filter(({ role }) => role === 'File');
	if (file?.file === null || file === undefined) throw new Error('There is no file.');
	const hostile = { ...file, file: { ...file.file, path: '/../../etc/passwd' } };
	emulator.store.clear();
	emulator.store.load([[hostile]]);
	const folder = await temporaryFolder();
	await expect(exportTo(emulator, folder)).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
	expect(readdirSync(folder)).toEqual([]);
});

test('a cancelled export leaves nothing behind', async () => {
	const { emulator, client } = await testEmulator();
	await insertFile(client, '/a.txt', 'content');
	const folder = await temporaryFolder();
	emulator.faults.add({ fault: { kind: 'slow', delay: 20_000 }, path: 'FileSystem', times: 0 });
	const cancel = new AbortController();
	const exporting = exportTo(emulator, folder, { signal: cancel.signal });
	setTimeout(() => cancel.abort(), 200);
	await expect(exporting).rejects.toMatchObject({ code: 'cancelled' });
	expect(readdirSync(join(folder))).toEqual([]);
});
