import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { watchedBody } from '../../lib/entity/client/watched-body.ts';

/** A body that says nothing more after its pieces. */
function stalling(...pieces: readonly string[]): Readable {
	const left = pieces.map((piece) => Buffer.from(piece));
	return new Readable({
		read() {
			const next = left.shift();
			if (next !== undefined) this.push(next);
		},
	});
}

test('a sender that stalls, at once or in the middle, is given up', async () => {
	for (const body of [stalling(), stalling('a'), stalling('a', 'b')]) {
		await expect(buffer(watchedBody(body, 30))).rejects.toMatchObject({ code: 'http_failed' });
		expect(body.destroyed).toBe(true);
	}
});

test('the time that the reader takes does not count', async () => {
	const body = Readable.from(['a', 'b', 'c'].map((piece) => Buffer.from(piece)));
	let text = '';
	for await (const chunk of watchedBody(body, 30)) {
		text += String(chunk);
		await sleep(60);
	}
	expect(text).toBe('abc');
});

test('a reader that leaves lets the sender go', async () => {
	const body = stalling('a');
	const watched = watchedBody(body, 60_000);
	for await (const chunk of watched) {
		expect(String(chunk)).toBe('a');
		break;
	}
	await sleep(1);
	expect(body.destroyed).toBe(true);
});
