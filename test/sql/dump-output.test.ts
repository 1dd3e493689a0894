import { expect, it } from 'vitest';

import { resolveCompression } from '../../lib/artifact/index.ts';
import { FramePacker } from '../../lib/artifact/frame-packer.ts';
import type { ByteChunk } from '../../lib/core/index.ts';
import { DumpOutput } from '../../lib/sql/dump-output.ts';
import { frameBuffers } from '../../lib/sql/sql-text.ts';

const MIB = 1024 * 1024;

/** Frames with one huge statement each, of which pieces are handed on while it is written. */
function* hugeStatements(
	count: number,
	mib: number,
): Generator<{ chunk: ByteChunk; isShared: boolean }> {
	const out = new DumpOutput({ object: 'table:t', spares: frameBuffers() });
	const text = Buffer.alloc(MIB, 'x');
	for (let statement = 0; statement < count; statement++) {
		for (let part = 0; part < mib; part++) {
			out.text.append(text, 0, text.length);
			out.handOn();
			for (let chunk = out.take(); chunk !== undefined; chunk = out.take()) {
				yield { chunk, isShared: chunk.buffer instanceof SharedArrayBuffer };
			}
		}
		out.endFrame();
		for (let chunk = out.take(); chunk !== undefined; chunk = out.take()) {
			yield { chunk, isShared: chunk.buffer instanceof SharedArrayBuffer };
		}
	}
}

it('the memory of pieces of a huge statement is used again', () => {
	let [bytes, unshared] = [0, 0];
	for (const { chunk, isShared } of hugeStatements(10, 21)) {
		bytes += chunk.length;
		if (!isShared) unshared++;
		chunk.recycle?.();
	}
	expect([bytes, unshared]).toEqual([210 * MIB, 0]);
});

it.each([3, 21])('also behind the compressor, with statements of %i MiB', async (mib) => {
	let unshared = 0;
	async function* chunks(): AsyncGenerator<ByteChunk> {
		for (const { chunk, isShared } of hugeStatements(20, mib)) {
			if (!isShared) unshared++;
			yield chunk;
		}
	}
	const packer = new FramePacker(resolveCompression('zstd'));
	let bytes = 0;
	for await (const { length } of packer.pack(chunks())) bytes += length;
	expect(bytes).toBeGreaterThan(0);
	expect(packer.frames.map(({ contentBytes }) => contentBytes)).toEqual(
		Array.from({ length: 20 }, () => mib * MIB),
	);
	expect(unshared).toBe(0);
});
