import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, expect, onTestFinished, test } from 'vitest';

import { IdMap, type IdMapEntry } from '../../lib/entity/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PAIR = { source: 'a', target: 'b' };

let path: string;
beforeEach(async () => void (path = join(await temporaryFolder(), 'map.jsonl')));

function open(use: 'read' | 'write' = 'write', pair = PAIR): IdMap {
	const map = IdMap.open({ path, displayPath: '/maps/map.jsonl' }, pair, use);
	onTestFinished(() => map.close());
	return map;
}

function entry(source: string, target: string, changes: Partial<IdMapEntry> = {}): IdMapEntry {
	return {
		...{ source, target, role: 'Record', sourceVersion: 'v1', targetVersion: 'w1' },
		...{ hash: 'h', isMade: true },
		...changes,
	};
}

test('the last line about an entity counts, also after it is opened again', async () => {
	const map = open();
	await map.put([entry('1', '100'), entry('2', '101')]);
	await map.put([entry('1', '200', { targetVersion: null, isMade: false })]);
	await map.remove(['2']);
	for (const one of [map, open(), open('read')]) {
		expect(one.get('1')).toEqual(entry('1', '200', { targetVersion: null, isMade: false }));
		expect([one.targetOf('1'), one.sourceOf('200'), one.sourceOf('100')]).toEqual([
			...['200', '1', undefined],
		]);
		expect([one.get('2'), one.targetOf('2'), one.sourceOf('101')]).toEqual([
			...[undefined, undefined, undefined],
		]);
		expect([...one.sources()]).toEqual(['1']);
	}
});

test('a line that a dead run did not finish is cut off at any byte', async () => {
	await open().put([entry('1', '100')]);
	const whole = readFileSync(path).length;
	await open().put([entry('2', '101')]);
	const all = readFileSync(path);
	for (let length = whole; length < all.length; length++) {
		writeFileSync(path, all.subarray(0, length));
		const map = open();
		expect([...map.sources()]).toEqual(['1']);
		await map.put([entry('3', '102')]);
		expect(open().get('3')).toEqual(entry('3', '102'));
	}
});

test('a cut first line makes it new', async () => {
	open();
	truncateSync(path, 5);
	await open().put([entry('1', '100')]);
	expect(open().targetOf('1')).toBe('100');
});

test('to read a map that is not there makes none', async () => {
	const map = open('read');
	expect([...map.sources(), map.get('1'), map.sourceOf('1')]).toEqual([undefined, undefined]);
	expect(() => readFileSync(path)).toThrow();
});

test('what is no map of this pair is refused', async () => {
	open();
	expect(() => open('write', { source: 'a', target: 'c' })).toThrow(
		'is the id map of other servers',
	);
	appendFileSync(path, '{"s":"1","t":5}\n');
	expect(() => open()).toThrow('has a line that is no entry');
	writeFileSync(path, 'not JSON\n');
	expect(() => open()).toThrow('has a line that is not JSON');
	writeFileSync(path, 'x'.repeat(2_000_000));
	expect(() => open()).toThrow('has a line that is none of ours');
});
