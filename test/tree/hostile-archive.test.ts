import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import { checkArchive, extractTree } from '../../lib/tree/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTEXT, pieces } from './archive-bytes.ts';
import { type Entry, pax, tar } from './hand-made-tar.ts';

const BLOCK = 512;

async function target(): Promise<string> {
	const path = join(await temporaryFolder(), 'target');
	mkdirSync(path);
	return path;
}

async function extract(
	archive: Buffer,
	path: string,
	signal = new AbortController().signal,
): Promise<unknown> {
	async function* chunks(): AsyncGenerator<Uint8Array> {
		yield archive;
	}
	const options = { target: path, displayTarget: path, chunks: chunks() };
	return await extractTree(options, { signal, progress: NO_PROGRESS });
}

/** What a run that was killed leaves for the next one, at the top of a root. */
const NOTES = [
	'.n8n-caosdb-swap.partial/journal',
	'.N8N-caosdb-swap.PARTIAL/journal',
	'.n8n-caosdb-swap.done',
	'.n8n-caosdb-swap.lock',
	'.n8n-caosdb-restore-0123abcd.partial/moving',
];

const LINK_OUT: Entry = { name: './link', type: '2', link: '/tmp' };

it.each(NOTES)('an archive cannot leave notes for a later restore: %s', async (name) => {
	for (const prefix of ['./', '././', 'opt/caosdb/mnt/caosroot/']) {
		for (const inPlace of [false, true]) {
			const path = await target();
			const bytes = tar([{ name: `${prefix}${name}`, body: '{}' }]);
			const options = { target: path, displayTarget: path, chunks: pieces(bytes, BLOCK), inPlace };
			await expect(extractTree(options, CONTEXT)).rejects.toMatchObject({
				code: 'tree_entry_unsafe',
			});
			expect(readdirSync(path)).toEqual([]);
			await expect(checkArchive(pieces(bytes, BLOCK), CONTEXT)).rejects.toMatchObject({
				code: 'tree_entry_unsafe',
			});
		}
	}
	const path = await target();
	await extract(tar([{ name: `./below/${name}`, body: '{}' }]), path);
	expect(readdirSync(path)).toEqual(['below']);
});

describe('an archive from anyone', () => {
	it.each<[string, readonly Entry[], string]>([
		['an absolute name', [{ name: '/etc/x' }], 'tree_entry_unsafe'],
		['a name that climbs', [{ name: './a/../../x' }], 'tree_entry_unsafe'],
		['only dots', [{ name: '..' }], 'tree_entry_unsafe'],
		['a file through a link', [LINK_OUT, { name: './link/x', body: 'x' }], 'tree_entry_unsafe'],
		[
			'a link over a file',
			[
				{ name: './x', body: 'x' },
				{ name: './x', type: '2', link: 'y' },
			],
			'tree_entry_unsafe',
		],
		['a file over a link', [LINK_OUT, { name: './link', body: 'x' }], 'tree_entry_unsafe'],
		[
			'a file over a hard link',
			[
				{ name: './x', body: 'x' },
				{ name: './y', type: '1', link: './x' },
				{ name: './y', body: 'y' },
			],
			'tree_entry_unsafe',
		],
		[
			'a file twice',
			[
				{ name: './x', body: 'x' },
				{ name: './x', body: 'y' },
			],
			'tree_entry_unsafe',
		],
		['a file below a file', [{ name: './x', body: 'x' }, { name: './x/y' }], 'tree_entry_unsafe'],
		[
			'a hard link out',
			[{ name: './x', type: '1', link: '../../etc/passwd' }],
			'tree_entry_unsafe',
		],
		[
			'an absolute hard link',
			[{ name: './x', type: '1', link: '/etc/passwd' }],
			'tree_entry_unsafe',
		],
		['a hard link to nothing', [{ name: './x', type: '1', link: './y' }], 'tree_entry_unsafe'],
		[
			'a hard link through a link',
			[LINK_OUT, { name: './x', type: '1', link: './link/passwd' }],
			'tree_entry_unsafe',
		],
		['a link without a target', [{ name: './x', type: '2' }], 'tree_entry_unsafe'],
		['a device', [{ name: './x', type: '3' }], 'tree_entry_unsupported'],
		['a named pipe', [{ name: './x', type: '6' }], 'tree_entry_unsupported'],
		['a giant header', [{ name: 'x', type: 'x', size: 2 ** 30 }], 'limit_exceeded'],
		[
			'a broken pax record',
			[{ name: 'x', type: 'x', body: '99 path=x\n' }, { name: 'x' }],
			'artifact_corrupt',
		],
		[
			'a climbing pax name',
			[{ name: 'x', type: 'x', body: '15 path=../../x\n'.replace('15', '16') }, { name: 'x' }],
			'tree_entry_unsafe',
		],
		[
			'a climbing name of a sparse file',
			[
				{
					name: 'x',
					type: 'x',
					body: pax({
						'GNU.sparse.name': '../../x',
						'GNU.sparse.size': '0',
						'GNU.sparse.map': '0,0',
					}),
				},
				{ name: 'x' },
			],
			'tree_entry_unsafe',
		],
		[
			'an old sparse file without a map for its content',
			[{ name: './x', type: 'S', body: 'x' }],
			'artifact_corrupt',
		],
		[
			'a pax size that swallows the next member',
			[
				{ name: 'x', type: 'x', body: pax({ size: '700' }) },
				{ name: './x', body: 'x' },
				{ name: './y' },
			],
			'artifact_corrupt',
		],
		[
			'a pax name with a zero byte',
			[{ name: 'x', type: 'x', body: pax({ path: 'a\0b' }) }, { name: 'x' }],
			'tree_entry_unsafe',
		],
		[
			'a pax link out for a hard link',
			[
				{ name: 'x', type: 'x', body: pax({ linkpath: '../../etc/passwd' }) },
				{ name: './x', type: '1', link: './y' },
			],
			'tree_entry_unsafe',
		],
		[
			'a name too long for any disk',
			[{ name: 'x', type: 'x', body: pax({ path: 'x'.repeat(5000) }) }, { name: 'x' }],
			'tree_entry_unsafe',
		],
		[
			'a folder where a file is',
			[
				{ name: './x', body: 'x' },
				{ name: './x/', type: '5' },
			],
			'tree_entry_unsafe',
		],
		['a folder where a link is', [LINK_OUT, { name: './link/', type: '5' }], 'tree_entry_unsafe'],
		[
			'a hard link to a link, then a file through it',
			[LINK_OUT, { name: './hard', type: '1', link: './link' }, { name: './hard/x', body: 'x' }],
			'tree_entry_unsafe',
		],
		[
			'a negative size',
			[{ name: 'x', type: 'x', body: '11 size=-5\n' }, { name: 'x' }],
			'artifact_corrupt',
		],
		[
			'more headers than one member has',
			[...Array<Entry>(9).fill({ name: 'x', type: 'L', body: 'long' }), { name: './x' }],
			'limit_exceeded',
		],
		[
			'more records for all members than fit into memory',
			[...Array(1001).keys()].flatMap((n) => [
				{ name: 'g', type: 'g', body: pax({ [`comment.${n}`]: 'x' }) },
				{ name: `./${n}` },
			]),
			'limit_exceeded',
		],
		[
			'a size for all members',
			[{ name: 'g', type: 'g', body: pax({ size: '512' }) }, { name: './x' }],
			'artifact_corrupt',
		],
		[
			'a hard link through a link to what exists',
			[
				{ name: './link', type: '2', link: '/etc' },
				{ name: './x', type: '1', link: './link/hostname' },
			],
			'tree_entry_unsafe',
		],
		['a body that is not there', [{ name: './x', size: 5000 }], 'artifact_truncated'],
		[
			'the name of a staging folder',
			[{ name: './.n8n-caosdb-restore-00000000.partial/', type: '5' }],
			'tree_entry_unsafe',
		],
		[
			'a foreign member beside the old prefix',
			[{ name: 'opt/caosdb/mnt/caosroot/', type: '5' }, { name: 'etc/x' }],
			'tree_entry_unsafe',
		],
	])('is refused for %s, and nothing stays', async (_what, entries, code) => {
		const path = await target();
		await expect(
			extract(
				tar(
					[{ name: './', type: '5' }, ...entries].slice(entries[0]?.name.startsWith('opt') ? 1 : 0),
				),
				path,
			),
		).rejects.toMatchObject({ code });
		expect(readdirSync(path)).toEqual([]);
	});

	it('is refused when cut at any block, and nothing stays', async () => {
		const whole = tar([
			{ name: './', type: '5' },
			{ name: './a', body: 'a'.repeat(1500) },
			LINK_OUT,
		]);
		const path = await target();
		for (let length = 0; length < whole.length; length += BLOCK) {
			await expect(extract(whole.subarray(0, length), path)).rejects.toMatchObject({
				code: 'artifact_truncated',
			});
			expect(readdirSync(path)).toEqual([]);
		}
	});

	it('is refused for any flipped bit of a header', async () => {
		const whole = tar([{ name: './a', body: 'content' }]);
		const path = await target();
		// The end of the checksum field is padding that readers may take either way.
		const isPadding = (bit: number): boolean => bit >> 3 >= 154 && bit >> 3 < 156;
		for (let bit = 0; bit < BLOCK * 8; bit += 7) {
			if (isPadding(bit)) continue;
			const damaged = Buffer.from(whole);
			damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			await expect(extract(damaged, path)).rejects.toMatchObject({ code: 'artifact_corrupt' });
		}
	});

	it('is refused when something follows its end', async () => {
		const path = await target();
		const archive = Buffer.concat([tar([{ name: './a' }]), tar([{ name: './b' }])]);
		await expect(extract(archive, path)).rejects.toMatchObject({ code: 'artifact_corrupt' });
	});

	it('does not touch a folder that is not empty', async () => {
		const path = await target();
		writeFileSync(join(path, 'mine'), 'x');
		await expect(extract(tar([{ name: './a' }]), path)).rejects.toMatchObject({
			code: 'path_not_empty',
			message: expect.stringContaining("'mine'"),
		});
		expect(readdirSync(path)).toEqual(['mine']);
	});

	it('leaves nothing when it is cancelled', async () => {
		const path = await target();
		const cancel = new AbortController();
		async function* chunks(): AsyncGenerator<Uint8Array> {
			const archive = tar([
				{ name: './a', body: 'a'.repeat(5000) },
				{ name: './b', body: 'b' },
			]);
			yield archive.subarray(0, 3000);
			cancel.abort();
			yield archive.subarray(3000);
		}
		const options = { target: path, displayTarget: path, chunks: chunks() };
		await expect(
			extractTree(options, { signal: cancel.signal, progress: NO_PROGRESS }),
		).rejects.toMatchObject({
			code: 'cancelled',
		});
		expect(readdirSync(path)).toEqual([]);
	});

	it('is restored after a run that was killed, wherever it was', async () => {
		const path = await target();
		const staging = join(path, '.n8n-caosdb-restore-0123abcd.partial');
		mkdirSync(join(staging, 'content/rest'), { recursive: true });
		expect(await extract(tar([{ name: './a' }]), path)).toMatchObject({ clearedUnfinished: true });
		expect(readdirSync(path)).toEqual(['a']);

		const half = await target();
		mkdirSync(join(half, '.n8n-caosdb-restore-0123abcd.partial/content'), { recursive: true });
		writeFileSync(join(half, '.n8n-caosdb-restore-0123abcd.partial/moving'), 'moved\0waiting');
		writeFileSync(join(half, 'moved'), 'x');
		expect(await extract(tar([{ name: './a' }]), half)).toMatchObject({ clearedUnfinished: true });
		expect(readdirSync(half)).toEqual(['a']);
	});
});
