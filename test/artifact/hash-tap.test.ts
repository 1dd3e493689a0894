import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { HashTap, digestOf } from '../../lib/artifact/hash-tap.ts';
import { HashThread } from '../../lib/artifact/hash-thread.ts';
import { type ByteChunk, SpareBuffers, recyclable } from '../../lib/core/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const MIB = 1024 * 1024;

function sha256(content: Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}

async function* slices(content: Buffer, bytes: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

describe('the digest of a stream', () => {
	it.each([0, 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB + 17])(
		'of %d bytes is its SHA-256, cut in any way',
		async (bytes) => {
			const content = randomBytes(bytes);
			const expected = { bytes, sha256: sha256(content) };
			for (const cut of [77_777, MIB, 10 * MIB]) {
				expect(await digestOf(slices(content, cut))).toEqual(expected);
			}
		},
	);

	it('is made side by side with others', async () => {
		const contents = Array.from({ length: 8 }, () => randomBytes(6 * MIB));
		const digests = contents.map(async (content) => await digestOf(slices(content, 100_000)));
		const expected = contents.map((content) => ({
			bytes: content.length,
			sha256: sha256(content),
		}));
		expect(await Promise.all(digests)).toEqual(expected);
	});

	it('is that of the chunks as they passed, whose memory is written into again', async () => {
		const spares = new SpareBuffers({ unitBytes: MIB, units: 3 });
		const expected = createHash('sha256');
		const used = new Set<ArrayBufferLike>();
		async function* chunks(): AsyncGenerator<ByteChunk> {
			for (let index = 0; index < 60; index++) {
				const buffer = spares.take(MIB).fill(index);
				used.add(buffer.buffer);
				expected.update(buffer);
				yield recyclable(buffer.subarray(), () => spares.give(buffer));
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
		const tap = new HashTap();
		// The reader behind the tap is done with each chunk at once.
		for await (const chunk of tap.tap(chunks())) chunk.recycle?.();
		expect((await tap.result()).sha256).toBe(expected.digest('hex'));
		expect(used.size).toBeLessThan(60);
	});
});

describe('the thread that makes digests', () => {
	it('fails all that wait for it, now and later, when it ends', async () => {
		const file = join(await temporaryFolder(), 'worker.cjs');
		writeFileSync(
			file,
			"require('node:worker_threads').parentPort.on('message', () => process.exit(3));",
		);
		const thread = new HashThread(file);
		const sum = thread.begin();
		const gone = expect.objectContaining({ code: 'worker_crashed' });
		const shared = Buffer.from(new SharedArrayBuffer(20 * MIB));
		const asked = [thread.addShared(sum, shared), thread.digest(sum)];
		const room = thread.addCopy(sum, randomBytes(20 * MIB));
		for (const outcome of await Promise.allSettled(asked)) {
			expect(outcome).toEqual({ status: 'rejected', reason: gone });
		}
		await room;
		await expect(thread.digest(sum)).rejects.toEqual(gone);
	});
});
