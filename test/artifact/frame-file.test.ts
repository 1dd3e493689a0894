import { readFile, truncate, writeFile as writeBytes } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
	type ArtifactEntry,
	FrameFile,
	resolveCompression,
	writeFile,
} from '../../lib/artifact/index.ts';
import { type ByteChunk, type EngineError, endOfFrame } from '../../lib/core/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const signal = new AbortController().signal;
/** One byte, a usual one, and one that is larger than is unpacked at once. */
const CONTENTS = [
	Buffer.from('x'),
	Buffer.alloc(900_000, 'row;'),
	Buffer.alloc(9_000_000, 'large row;'),
];

async function* framed(): AsyncGenerator<ByteChunk> {
	await Promise.resolve();
	for (const [index, bytes] of CONTENTS.entries()) {
		yield endOfFrame(Buffer.from(bytes), { object: `table:t${index}` });
	}
}

async function written(kind: 'zstd' | 'gzip' | 'none') {
	const folder = await temporaryFolder();
	const compression = resolveCompression(kind);
	const file = await writeFile(framed(), {
		...{ folder: { path: folder, displayPath: folder }, fileName: 'dump', compression },
		...{ framed: true, verify: true, overwrite: false, signal },
	});
	const path = join(folder, file.fileName);
	return { path, artifact: { ...file, compression } as unknown as ArtifactEntry };
}

async function content(frames: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of frames) parts.push(part);
	return Buffer.concat(parts);
}

const failure = async (work: Promise<unknown>) =>
	await work.then(
		() => 'no error',
		(error: EngineError) => error.code,
	);

describe.each(['zstd', 'gzip', 'none'] as const)('frames of a file, %s', (kind) => {
	it('can be read in any order, several at once', async () => {
		const { path, artifact } = await written(kind);
		const file = await FrameFile.open(path, path, artifact);
		await file.prove(artifact, signal);
		const wanted = [2, 0, 1].map(async (index) => await content(file.read(index, index + 1)));
		const read = await Promise.all(wanted);
		expect(read.map((bytes, at) => bytes.equals(CONTENTS[[2, 0, 1][at] ?? 0] ?? bytes))).toEqual([
			...[true, true, true],
		]);
		expect((await content(file.read(0, 3))).equals(Buffer.concat(CONTENTS))).toBe(true);
		await file.close();
	});

	it('are refused when a byte is not as it was', async () => {
		const { path, artifact } = await written(kind);
		const bytes = await readFile(path);
		bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
		await writeBytes(path, bytes);
		const file = await FrameFile.open(path, path, artifact);
		expect(await failure(file.prove(artifact, signal))).toBe('artifact_corrupt');
		await file.close();
	});

	it('are refused when the file is cut', async () => {
		const { path, artifact } = await written(kind);
		await truncate(path, artifact.bytes - 1);
		const file = await FrameFile.open(path, path, artifact);
		expect(await failure(file.prove(artifact, signal))).toBe('artifact_truncated');
		expect(await failure(content(file.read(0, 3)))).toBe('artifact_truncated');
		await file.close();
	});
});
