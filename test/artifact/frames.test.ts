import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import {
	type ArtifactEntry,
	type Frame,
	type WrittenFile,
	digestOf,
	encodeManifest,
	newManifest,
	openFileBytes,
	parseManifest,
	readArtifact,
	resolveCompression,
	stateOf,
	writeFile,
} from '../../lib/artifact/index.ts';
import { type ByteChunk, endOfFrame } from '../../lib/core/index.ts';
import { mustRun } from '../servers/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const KINDS = ['zstd', 'gzip', 'none'] as const;
type Kind = (typeof KINDS)[number];

/** Frames of many sizes: one byte, usual ones, one in several chunks, one larger than is held at once. */
const CONTENTS: ReadonlyArray<readonly Buffer[]> = [
	[Buffer.from('-- preamble\n')],
	[Buffer.from('x')],
	[Buffer.alloc(300_000, 'abc'), Buffer.alloc(100, 'd'), Buffer.alloc(700_000, 'efgh')],
	Array.from({ length: 12 }, (_value, index) => Buffer.alloc(1_000_000, `${index} row `)),
	...Array.from({ length: 20 }, (_value, index) => [Buffer.alloc(400_000 + index, `t${index};`)]),
	[Buffer.from('-- end\n')],
];

async function* framed(): AsyncGenerator<ByteChunk> {
	for (const [index, parts] of CONTENTS.entries()) {
		for (const part of parts.slice(0, -1)) yield Buffer.from(part);
		const last = Buffer.from(parts.at(-1) ?? '');
		const object = { object: `table:t${index}`, rows: index, checksum: '00000000000000ff' };
		yield endOfFrame(last, index === 0 ? {} : object);
	}
}

async function write(folder: string, kind: Kind): Promise<WrittenFile> {
	return await writeFile(framed(), {
		folder: { path: folder, displayPath: folder },
		fileName: 'dump',
		compression: resolveCompression(kind),
		framed: true,
		verify: true,
		overwrite: false,
		signal: new AbortController().signal,
	});
}

const UNPACK = {
	zstd: (bytes: Buffer) => zstdDecompressSync(bytes),
	gzip: (bytes: Buffer) => gunzipSync(bytes),
	none: (bytes: Buffer) => bytes,
};

describe.each(KINDS)('frames of a %s file', (kind) => {
	it('can each be read alone, at the place that the list says', async () => {
		const folder = await temporaryFolder();
		const { frames = [] } = await write(folder, kind);
		const stored = await readFile(join(folder, 'dump'));
		expect(frames).toHaveLength(CONTENTS.length);
		for (const [index, frame] of frames.entries()) {
			const content = UNPACK[kind](stored.subarray(frame.offset, frame.offset + frame.bytes));
			expect(content.equals(Buffer.concat(CONTENTS[index] ?? []))).toBe(true);
			expect(content).toHaveLength(frame.contentBytes);
		}
		expect(frames[0]).not.toHaveProperty('object');
		expect(frames[5]).toMatchObject({ object: 'table:t5', rows: 5, checksum: '00000000000000ff' });
	});

	it('are one stream for us and for the standard tool', async () => {
		const folder = await temporaryFolder();
		const written = await write(folder, kind);
		const path = join(folder, 'dump');
		const reading = readArtifact(openFileBytes(path, path), new AbortController().signal, written);
		expect(await digestOf(reading.chunks)).toEqual(written.content);
		reading.assertEnded();
		const tool = { zstd: ['zstd', '-dcq'], gzip: ['gzip', '-dc'], none: ['cat'] }[kind];
		const unpacked = await mustRun(tool, { stdin: await readFile(path) });
		expect(unpacked.equals(Buffer.concat(CONTENTS.flat()))).toBe(true);
	});
});

describe('a source of frames', () => {
	it('that ends within one leaves no file', async () => {
		const folder = await temporaryFolder();
		async function* cut(): AsyncGenerator<ByteChunk> {
			yield* framed();
			yield Buffer.from('no end');
		}
		const writing = writeFile(cut(), {
			folder: { path: folder, displayPath: folder },
			fileName: 'dump',
			compression: resolveCompression('zstd'),
			framed: true,
			verify: false,
			overwrite: false,
			signal: new AbortController().signal,
		});
		await expect(writing).rejects.toThrow(/partial|last frame/);
	});
});

describe('frames in a manifest', () => {
	const frames: Frame[] = [
		{ offset: 0, bytes: 10, contentOffset: 0, contentBytes: 40 },
		{ offset: 10, bytes: 5, contentOffset: 40, contentBytes: 20, object: 'table:a"b\n  $&' },
		{
			...{ offset: 15, bytes: 7, contentOffset: 60, contentBytes: 30, object: 'table:b\nc' },
			...{ rows: 3, checksum: '0123456789abcdef' },
		},
	];
	const entry: ArtifactEntry = {
		...{ kind: 'sql', file: 'dump.sql.zst', status: 'complete', bytes: 22, contentBytes: 90 },
		...{ sha256: 'a'.repeat(64), contentSha256: 'b'.repeat(64), startedAt: '', finishedAt: '' },
		compression: resolveCompression('zstd'),
		frames,
		details: { note: '\n  "artifacts": []', frames: 'no list' },
	};
	const manifestOf = (artifact: ArtifactEntry): string =>
		encodeManifest({
			...newManifest('a/b', 'a', ['sql'], ''),
			artifacts: [artifact],
			state: stateOf(['sql'], [artifact]),
		});
	const parse = (text: string) => parseManifest(text, 'manifest.json');

	it('come back, one on a line', () => {
		const text = manifestOf(entry);
		expect(parse(text).artifacts).toEqual([entry]);
		expect(text.split('\n').filter((line) => line.includes('contentOffset'))).toHaveLength(3);
	});

	it('need not be there', () => {
		const without = { ...entry };
		Reflect.deleteProperty(without, 'frames');
		expect(parse(manifestOf(without)).artifacts).toEqual([without]);
	});

	const [first, second, third] = frames;
	it.each([
		['a gap in the file', [first, { ...second, offset: 11 }, third]],
		['a gap in the content', [first, { ...second, contentOffset: 41 }, third]],
		['a missing one', [first, third]],
		['a missing last one', [first, second]],
		['an empty one', [first, second, third, { ...third, offset: 22, contentOffset: 90, bytes: 0 }]],
		['a wrong checksum', [first, second, { ...third, checksum: '0123456789ABCDEF' }]],
		['a wrong number of rows', [first, second, { ...third, rows: -1 }]],
		['an object without kind', [first, second, { ...third, object: 'entities' }]],
		['no list', 'frames'],
		['no frame', [1]],
	])('%s is refused', (_what, wrong) => {
		const manifest: { artifacts: object[] } = JSON.parse(manifestOf(entry));
		manifest.artifacts = [{ ...entry, frames: wrong }];
		expect(() => parse(JSON.stringify(manifest))).toThrow("no valid 'artifacts'");
	});
});
