import {
	chmodSync,
	closeSync,
	mkdirSync,
	openSync,
	readFileSync,
	readdirSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { archiveTree, extractTree } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ADVISORIES, type Advisory } from './advisories.ts';
import { CONTEXT, pieces } from './archive-bytes.ts';
import { tar } from './hand-made-tar.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/tree.md');

let outside: string;
let target: string;
beforeEach(async () => {
	const folder = await temporaryFolder();
	[outside, target] = [join(folder, 'outside'), join(folder, 'inside/target')];
	mkdirSync(outside);
	mkdirSync(target, { recursive: true });
	for (const path of [outside, folder, join(folder, 'inside')]) {
		writeFileSync(join(path, 'secret'), 'secret');
		chmodSync(join(path, 'secret'), 0o640);
	}
});

/** Nothing beside the target was written, linked or given other rights. */
function expectOutsideUntouched(): void {
	for (const path of [outside, join(outside, '..'), join(target, '..')]) {
		const { nlink, mode } = statSync(join(path, 'secret'));
		expect([nlink, mode & 0o7777]).toEqual([1, 0o640]);
		expect(readFileSync(join(path, 'secret'), 'utf8')).toBe('secret');
	}
	expect(readdirSync(outside)).toEqual(['secret']);
	expect(readdirSync(join(outside, '..')).sort()).toEqual(['inside', 'outside', 'secret']);
	expect(readdirSync(join(target, '..')).sort()).toEqual(['secret', 'target']);
}

async function extract(bytes: Buffer, inPlace: boolean): Promise<unknown> {
	const chunks = pieces(bytes, 100_000);
	return await extractTree({ target, displayTarget: target, chunks, inPlace }, CONTEXT);
}

describe.each(ADVISORIES)('$id of $program: $attack', ({ archive, outcome }: Advisory) => {
	it(outcome === 'restored' ? 'does no harm' : 'is refused, and nothing stays', async () => {
		const extracting = extract(archive(outside), false);
		if (outcome === 'restored') await extracting;
		else await expect(extracting).rejects.toMatchObject({ code: outcome });
		if (outcome !== 'restored') expect(readdirSync(target)).toEqual([]);
		expectOutsideUntouched();
	});

	it('does not reach outside of a folder that is restored in place', async () => {
		await extract(archive(outside), true).catch(() => undefined);
		expect(readdirSync(target).filter((name) => name.startsWith('.n8n'))).toEqual([]);
		expectOutsideUntouched();
	});
});

it('CVE-2025-45582 of GNU tar: a second archive does not write through the links of a first', async () => {
	const first = tar([
		{ name: './', type: '5' },
		{ name: './x', type: '2', link: outside },
	]);
	const second = tar([
		{ name: './', type: '5' },
		{ name: './x/secret', body: 'planted' },
	]);
	await extract(first, false);
	await expect(extract(second, false)).rejects.toMatchObject({ code: 'path_not_empty' });
	await extract(second, true);
	expect(readFileSync(join(target, 'x/secret'), 'utf8')).toBe('planted');
	expectOutsideUntouched();
});

it('CVE-2018-20482 of GNU tar: a sparse file that shrinks while it is archived is an error', async () => {
	const path = join(outside, 'holes');
	const fd = openSync(path, 'w');
	for (const at of [0, 8_000_000, 20_000_000])
		writeSync(fd, Buffer.alloc(3_000_000, 'x'), 0, 3_000_000, at);
	closeSync(fd);
	truncateSync(path, 40_000_000);
	const { chunks } = await archiveTree({ root: outside, displayRoot: outside }, CONTEXT);
	const reading = (async () => {
		for await (const chunk of chunks) if (chunk.length > 0) truncateSync(path, 1000);
	})();
	await expect(reading).rejects.toMatchObject({ code: 'tree_entry_changed' });
});

it('docs/tree.md lists every advisory with what becomes of its archive', () => {
	const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| (CVE-[\d-]+) +\|(.*)\|$/gm);
	const listed = [...rows].map(([, id, rest = '']) => {
		const [program, attack, outcome] = rest.split('|').map((cell) => cell.trim());
		return [id, program, attack, outcome?.replaceAll('`', '')].join(' | ');
	});
	const known = ADVISORIES.map(({ id, program, attack, outcome }) =>
		[id, program, attack, outcome].join(' | '),
	);
	expect(listed.filter((row) => !/^CVE-(2018-20482|2025-45582)/.test(row))).toEqual(known);
});
