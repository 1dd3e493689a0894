import { execFileSync } from 'node:child_process';
import {
	closeSync,
	mkdirSync,
	openSync,
	readFileSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';

import { debianTool } from '../servers/debian-tool.ts';
import { CAN_MOUNT, smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { archive, extract } from './archive-bytes.ts';
import { treeDifferences } from './compare-trees.ts';

const BLOCK = 4096;
const GIB = 1024 ** 3;
const BIG = { encoding: 'buffer', maxBuffer: 1e9 } as const;

let root: string;
let target: string;
beforeEach(async () => {
	const folder = await temporaryFolder();
	[root, target] = [join(folder, 'root'), join(folder, 'target')];
	mkdirSync(root);
	mkdirSync(target);
});

/** A file of `size` bytes that holds text at some places and nothing elsewhere. */
function sparseFile(path: string, size: number, places: readonly number[]): void {
	const fd = openSync(path, 'w');
	for (const place of places) writeSync(fd, `measured at ${place}`, place);
	closeSync(fd);
	truncateSync(path, size);
}

function makeFiles(): void {
	sparseFile(join(root, 'holes in the middle'), 3_000_000, [0, 1_500_000, 2_999_970]);
	sparseFile(join(root, 'hole at the end'), 5_000_001, [0]);
	sparseFile(join(root, 'hole at the start'), 2_000_000, [1_999_900]);
	sparseFile(join(root, 'small'), 100_000, [50_000]);
	sparseFile(join(root, 'nothing but hole'), 4_000_000, []);
	sparseFile(join(root, 'small hole'), 9_999, []);
	sparseFile(join(root, `${'long name '.repeat(20)}ä`), 3_000_000, [9000]);
	sparseFile(
		join(root, 'many'),
		600 * BLOCK,
		[...Array(300).keys()].map((n) => n * 2 * BLOCK),
	);
	writeFileSync(join(root, 'full of zeros'), Buffer.alloc(1_200_000));
}

/** On the disk: a file with many pieces takes another block there for their list. */
function diskBytes(path: string): number {
	execFileSync('sync', [path]);
	return statSync(path).blocks * 512;
}

describe('a sparse file', () => {
	it('is neither stored nor filled', async () => {
		makeFiles();
		const { tar, summary } = await archive(root);
		expect(summary()).toMatchObject({ sparseFiles: 8, files: 9 });
		await extract(tar, target);
		expect(treeDifferences(root, target)).toEqual([]);
		for (const name of ['holes in the middle', 'hole at the end', 'small', 'many'])
			expect(diskBytes(join(target, name))).toBe(diskBytes(join(root, name)));
		expect(diskBytes(join(target, 'nothing but hole'))).toBe(0);
		// All but the one that is written out, with the maps.
		expect(tar.length).toBeLessThan(1_200_000 + 400 * BLOCK);
	});

	it('is read by GNU tar and by bsdtar', async () => {
		makeFiles();
		const { tar } = await archive(root);
		const bsdtar = await debianTool({ program: 'bsdtar', package: 'libarchive-tools' });
		for (const [command = '', ...args] of [['tar'], bsdtar]) {
			const folder = await temporaryFolder();
			execFileSync(command, [...args, '-xpf', '-', '-C', folder], { input: tar });
			// bsdtar leaves the time of the target folder itself alone.
			const differences = treeDifferences(root, folder).filter((line) => !line.startsWith(': '));
			expect(differences).toEqual([]);
		}
	});

	it.each([
		['gnu', []],
		['pax 0.0', ['--sparse-version=0.0']],
		['pax 0.1', ['--sparse-version=0.1']],
		['pax 1.0', ['--sparse-version=1.0']],
	])('is restored from what GNU tar writes as %s', async (format, options) => {
		makeFiles();
		const form = format === 'gnu' ? 'gnu' : 'pax';
		const args = [`--format=${form}`, ...options, '-S', '-C', root, '-cf', '-', '.'];
		await extract(execFileSync('tar', args, BIG), target, 777);
		for (const name of ['holes in the middle', 'hole at the end', 'many', 'nothing but hole']) {
			const [was, is] = [root, target].map((folder) => readFileSync(join(folder, name)));
			expect(is?.equals(was ?? Buffer.alloc(0))).toBe(true);
			expect(diskBytes(join(target, name))).toBe(diskBytes(join(root, name)));
		}
		if (form === 'pax') expect(treeDifferences(root, target)).toEqual([]);
	});

	it('is restored from what bsdtar writes', async () => {
		makeFiles();
		const bsdtar = await debianTool({ program: 'bsdtar', package: 'libarchive-tools' });
		const [command = '', ...first] = bsdtar;
		const args = [...first, '--format=pax', '--read-sparse', '-C', root, '-cf', '-', '.'];
		await extract(execFileSync(command, args, BIG), target);
		expect(treeDifferences(root, target)).toEqual([]);
	});

	it('of more than 8 GiB is stored by what is in it', async () => {
		sparseFile(join(root, 'huge'), 9 * GIB, [0]);
		truncateSync(join(root, 'huge'), 0);
		truncateSync(join(root, 'huge'), 9 * GIB);
		const { tar } = await archive(root);
		expect(tar.length).toBeLessThan(20_000);
		await extract(tar, target);
		expect(statSync(join(target, 'huge')).size).toBe(9 * GIB);
		const folder = await temporaryFolder();
		execFileSync('tar', ['-xf', '-', '-C', folder], { input: tar });
		expect(statSync(join(folder, 'huge')).size).toBe(9 * GIB);
	});

	it.runIf(CAN_MOUNT)('that is one hole is restored to a disk that it would fill', async () => {
		sparseFile(join(root, 'hole'), 50_000_000, [40_000_000]);
		const { tar } = await archive(root);
		const disk = await smallDisk(256);
		await extract(tar, disk);
		expect(treeDifferences(root, disk)).toEqual([]);
	});

	it('comes back wherever its holes are', async () => {
		const runs = fc.array(
			fc.record({ isHole: fc.boolean(), blocks: fc.integer({ min: 1, max: 40 }) }),
			{ minLength: 1, maxLength: 12 },
		);
		await fc.assert(
			fc.asyncProperty(runs, fc.nat(BLOCK), async (parts, tail) => {
				const folder = await temporaryFolder();
				const [from, to] = [join(folder, 'from'), join(folder, 'to')];
				mkdirSync(from);
				mkdirSync(to);
				const fd = openSync(join(from, 'x'), 'w');
				let at = 0;
				for (const { isHole, blocks } of parts) {
					if (!isHole) writeSync(fd, Buffer.alloc(blocks * BLOCK, 7), 0, blocks * BLOCK, at);
					at += blocks * BLOCK;
				}
				closeSync(fd);
				truncateSync(join(from, 'x'), at + tail);
				const { tar } = await archive(from);
				await extract(tar, to);
				expect(treeDifferences(from, to)).toEqual([]);
				execFileSync('tar', ['-xf', '-', '-C', to, '--overwrite'], { input: tar });
				expect(treeDifferences(from, to)).toEqual([]);
			}),
			{ numRuns: 40 },
		);
	});
});

describe('the map of a sparse file is refused', () => {
	function pax(records: Readonly<Record<string, string>>, stored: string): Buffer {
		const body = Object.entries(records)
			.map(([key, value]) => {
				const rest = ` ${key}=${value}\n`;
				const short = rest.length + 2;
				return `${short > 99 ? short + 1 : short}${rest}`;
			})
			.join('');
		return Buffer.concat([
			block('x', body.length),
			padded(body),
			block('0', stored.length),
			padded(stored),
			Buffer.alloc(1024),
		]);
	}
	function padded(text: string): Buffer {
		return Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'), 'latin1');
	}
	function block(type: string, size: number): Buffer {
		const head = Buffer.alloc(512);
		head.write('x', 0);
		head.write('0000644\x000000000\x000000000\0', 100);
		head.write(`${size.toString(8).padStart(11, '0')}\x0000000000000\0        ${type}`, 124);
		head.write('ustar\x0000', 257);
		const sum = head.reduce((total, byte) => total + byte, 0);
		head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
		return head;
	}
	const v1 = (realsize: string): Record<string, string> => ({
		'GNU.sparse.major': '1',
		'GNU.sparse.minor': '0',
		'GNU.sparse.name': 'x',
		'GNU.sparse.realsize': realsize,
	});

	it.each([
		[
			'overlapping segments',
			v1('9000'),
			`${'2\n0\n10\n5\n10\n'.padEnd(512, '\0')}${'a'.repeat(20)}`,
		],
		['a segment beyond the end', v1('9'), `${'1\n0\n20\n'.padEnd(512, '\0')}${'a'.repeat(20)}`],
		['less content than it says', v1('99'), `${'1\n0\n20\n'.padEnd(512, '\0')}aaaa`],
		['more content than it says', v1('99'), `${'1\n0\n2\n'.padEnd(512, '\0')}aaaa`],
		['a negative offset', v1('99'), `${'1\n-5\n4\n'.padEnd(512, '\0')}aaaa`],
		['no number', v1('99'), `${'many\n'.padEnd(512, '\0')}aaaa`],
		['a map without an end', v1('99'), '9000\n'.padEnd(512, '0\n')],
		['a map of millions', v1('99'), '9000000\n'.padEnd(512, '0\n')],
		['no real size', { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }, 'a'.repeat(512)],
		['an odd list', { 'GNU.sparse.size': '99', 'GNU.sparse.map': '0,2,5' }, 'aa'],
		['lists of two lengths', { 'GNU.sparse.size': '9', 'GNU.sparse.offset': '0' }, 'aa'],
	])('with %s', async (_what, records, stored) => {
		await expect(extract(pax(records, stored), target)).rejects.toMatchObject({
			code: 'artifact_corrupt',
		});
		expect(execFileSync('ls', ['-A', target], { encoding: 'utf8' })).toBe('');
	});
});
