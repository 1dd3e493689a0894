import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decompress } from '../../lib/artifact/index.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Uint8Array, size = 65_536): Promise<string> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of decompress(pieces(bytes, size))) chunks.push(chunk);
	return Buffer.concat(chunks).toString('latin1');
}

function zstd(text: string): Buffer {
	return zstdCompressSync(Buffer.from(text), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** A frame that readers pass over (RFC 8878, 3.1.2). */
function skippable(content: string): Buffer {
	const head = Buffer.alloc(8);
	head.writeUInt32LE(0x184d2a53, 0);
	head.writeUInt32LE(content.length, 4);
	return Buffer.concat([head, Buffer.from(content)]);
}

const TEXT = 'Ampère and Ω, again and again. '.repeat(50);

describe('decompress', () => {
	it('reads all frames of a zstd file, cut anywhere', async () => {
		const file = Buffer.concat([
			zstd(TEXT),
			zstd(''),
			skippable('note'),
			zstd('the end'),
			skippable(''),
		]);
		const expected = Buffer.from(`${TEXT}the end`).toString('latin1');
		for (const size of [1, 2, 3, 5, 7, 64, 65_536]) expect(await unpack(file, size)).toBe(expected);
	});

	it('reads a file that begins with a skippable frame', async () => {
		expect(await unpack(Buffer.concat([skippable('index'), zstd('content')]), 2)).toBe('content');
	});

	it('reads frames that say their size, that do not, and that are large, in order', async () => {
		const texts = ['small ', 'medium '.repeat(2e5), 'large '.repeat(2e6), '', 'end'];
		const parts: Buffer[] = [];
		for (const text of texts) {
			const frame = zstd(text);
			parts.push(frame);
			// Made as a stream, a frame does not know its size beforehand.
			const stream = createZstdCompress();
			stream.end(text);
			for await (const part of stream) parts.push(part as Buffer);
		}
		const expected = texts.flatMap((text) => [text, text]).join('');
		const file = Buffer.concat(parts);
		for (const size of [1000, 65_536, file.length]) expect(await unpack(file, size)).toBe(expected);
	});

	it('does not let a frame unpack to more than it says', async () => {
		const frame = zstd('x'.repeat(10_000));
		const at = 5;
		expect(frame.readUInt16LE(at)).toBe(10_000 - 256);
		frame.writeUInt16LE(100, at);
		await expect(unpack(frame)).rejects.toMatchObject({ code: 'artifact_corrupt' });
	});

	it('reads all members of a gzip file and plain files', async () => {
		const file = Buffer.concat([gzipSync('one, '), gzipSync('two')]);
		expect(await unpack(file, 3)).toBe('one, two');
		expect(await unpack(Buffer.from('-- plain'))).toBe('-- plain');
		expect(await unpack(Buffer.alloc(0))).toBe('');
	});

	it.each(['zstd', 'gzip'] as const)('says that a %s file was cut, wherever', async (kind) => {
		const file = kind === 'zstd' ? zstd(TEXT) : gzipSync(TEXT);
		for (let length = 4; length < file.length; length++) {
			await expect(unpack(file.subarray(0, length))).rejects.toMatchObject({
				code: 'artifact_truncated',
			});
		}
	});

	it('says that the second frame was cut', async () => {
		const file = Buffer.concat([zstd(TEXT), zstd(TEXT)]);
		for (let length = zstd(TEXT).length + 1; length < file.length; length++) {
			await expect(unpack(file.subarray(0, length))).rejects.toMatchObject({
				code: 'artifact_truncated',
			});
		}
	});

	it('finds any flipped bit of a zstd file: an error, or the very same content', async () => {
		const file = zstd(TEXT);
		const expected = Buffer.from(TEXT).toString('latin1');
		await fc.assert(
			fc.asyncProperty(fc.nat(file.length * 8 - 1), async (bit) => {
				const damaged = Buffer.from(file);
				damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				// A changed magic number makes it a plain file, which the reader of its content refuses.
				if (bit < 32) return;
				const outcome = await unpack(damaged).catch((error: unknown) => error);
				if (typeof outcome === 'string') expect(outcome).toBe(expected);
				else expect(outcome).toHaveProperty('code', expect.stringMatching(/^artifact_/));
			}),
			{ numRuns: 500 },
		);
	});

	it.each([
		['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
		['zip', [0x50, 0x4b, 3, 4]],
		['age', [...Buffer.from('age-encryption.org/v1\n')]],
	])('names a format that it does not read: %s', async (_name, head) => {
		await expect(unpack(Buffer.from([...head, 1, 2, 3]))).rejects.toMatchObject({
			code: 'artifact_unknown_format',
		});
	});

	it('passes the error of its source on', async () => {
		async function* broken(): AsyncGenerator<Uint8Array> {
			yield zstd(TEXT).subarray(0, 40);
			throw new Error('the disk is gone');
		}
		const read = async (): Promise<void> => {
			for await (const chunk of decompress(broken())) void chunk;
		};
		await expect(read()).rejects.toThrow('the disk is gone');
	});
});
