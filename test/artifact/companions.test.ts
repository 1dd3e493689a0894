import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { Companions, resolveCompression } from '../../lib/artifact/index.ts';
import { ByteQueue } from '../../lib/artifact/byte-queue.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TIME = new Date('2026-11-22T20:30:00Z');
const NAME = 'caosroot.20261122T203000Z.index.jsonl';
const MEGABYTE = 1024 * 1024;

async function companions(): Promise<{ folder: string; made: Companions }> {
	const folder = await temporaryFolder();
	const made = new Companions({
		folder: { path: folder, displayPath: folder },
		...{ stem: 'caosroot', time: TIME, verify: true },
		compression: resolveCompression('none'),
		signal: new AbortController().signal,
	});
	return { folder, made };
}

const INDEX = { role: 'index', extension: '.index.jsonl' } as const;

describe('files beside an artifact', () => {
	it('hold all that was written, and are whole when their entries are there', async () => {
		const { folder, made } = await companions();
		const sink = made.open(INDEX);
		const parts = Array.from({ length: 12 }, (_, index) => Buffer.alloc(MEGABYTE, index));
		for (const part of parts) await sink.write(Buffer.from(part));
		const [entry] = await made.end();
		expect(entry).toMatchObject({ role: 'index', file: NAME, bytes: 12 * MEGABYTE });
		expect(readFileSync(join(folder, NAME)).equals(Buffer.concat(parts))).toBe(true);
	});

	it('are gone after a failure, also those that were whole already', async () => {
		const { folder, made } = await companions();
		await made.open(INDEX).write(Buffer.from('line\n'));
		await made.end();
		await made.discard();
		expect(readdirSync(folder)).toEqual([]);
		const begun = await companions();
		await begun.made.open(INDEX).write(Buffer.from('line\n'));
		await begun.made.discard();
		expect(readdirSync(begun.folder)).toEqual([]);
	});

	it('tell their writer when they cannot be written', async () => {
		const { folder, made } = await companions();
		writeFileSync(join(folder, NAME), 'somebody else has this name');
		const sink = made.open(INDEX);
		const write = async (): Promise<void> => {
			for (;;) await sink.write(Buffer.alloc(MEGABYTE));
		};
		await expect(write()).rejects.toMatchObject({ code: 'path_exists' });
		await expect(made.end()).rejects.toMatchObject({ code: 'path_exists' });
		await made.discard();
		expect(readFileSync(join(folder, NAME), 'utf8')).toBe('somebody else has this name');
	});
});

describe('a queue between a writer and a reader', () => {
	it('lets the writer wait for the reader, and hands on everything in order', async () => {
		const queue = new ByteQueue();
		let written = 0;
		const writing = (async (): Promise<void> => {
			for (let index = 0; index < 10; index++) {
				await queue.write(Buffer.alloc(MEGABYTE, index));
				written++;
			}
			queue.end();
		})();
		await new Promise((resolve) => setImmediate(resolve));
		expect(written).toBeLessThan(10);
		const seen: number[] = [];
		for await (const bytes of queue) seen.push(bytes[0] ?? -1);
		await writing;
		expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	});

	it('ends both sides with the first error', async () => {
		const queue = new ByteQueue();
		const reading = queue[Symbol.asyncIterator]().next();
		queue.fail(new Error('first'));
		queue.fail(new Error('second'));
		await expect(reading).rejects.toThrow('first');
		await expect(queue.write(Buffer.from('x'))).rejects.toThrow('first');
		const full = new ByteQueue();
		const waiting = full.write(Buffer.alloc(3 * MEGABYTE));
		full.fail(new Error('gone'));
		await expect(waiting).rejects.toThrow('gone');
	});
});
