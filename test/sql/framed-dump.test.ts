import { describe, expect, test } from 'vitest';

import { cutRun, frameOrder } from '../../lib/sql/framed-dump.ts';
import { planLoad } from '../../lib/sql/load-plan.ts';

const frames = (...objects: ReadonlyArray<string | undefined>) => ({
	frames: objects.map((object) => ({
		...(object === undefined ? {} : { object }),
		contentBytes: 10,
	})),
});

describe('the frames of a dump', () => {
	test('are what comes before the tables, the tables, and what comes after', () => {
		const dump = frames(
			undefined,
			'sequence:s',
			'table:a',
			'table:b:c',
			'table:b:c',
			'view:v',
			undefined,
		);
		expect(frameOrder(dump)).toEqual({
			prologue: 2,
			tables: [
				{ table: 'a', from: 2, to: 3, bytes: 10 },
				{ table: 'b:c', from: 3, to: 5, bytes: 20 },
			],
			epilogue: 5,
		});
		expect(frameOrder(frames(undefined, undefined))).toEqual({
			prologue: 2,
			tables: [],
			epilogue: 2,
		});
	});

	test('of one table are shared in runs', () => {
		const dump = frames(undefined, ...Array.from({ length: 7 }, () => 'table:a'));
		const run = { table: 'a', from: 2, to: 8, bytes: 60 };
		const runs = cutRun(dump, run, 25);
		expect(runs.map(({ from, to }) => [from, to])).toEqual([
			[2, 5],
			[5, 8],
		]);
		expect(cutRun(dump, run, 1)).toHaveLength(6);
		expect(cutRun(dump, run, 1000)).toEqual([run]);
	});
});

describe('how a dump is loaded', () => {
	const size = (rows: number, bytes: number) => ({ tables: [{ name: 't', rows }], bytes });
	const of = (...[options]: Parameters<typeof planLoad>) => {
		const { connections, defersKeys, smallTables } = planLoad(options);
		return [connections, defersKeys, ...smallTables];
	};

	test('little goes over one connection, with all keys', () => {
		expect(of({ size: size(100, 1000) })).toEqual([1, false, 't']);
	});

	test('much goes over two, and only small tables have their keys at once', () => {
		expect(of({ size: size(1_000_000, 1000) })).toEqual([2, true]);
		expect(of({ size: size(1, 100_000_000) })).toEqual([2, true, 't']);
		expect(of({})).toEqual([2, true]);
	});

	test('a wish counts', () => {
		expect(of({ size: size(100, 1000), connections: 3 })).toEqual([3, true, 't']);
		expect(of({ connections: 1 })).toEqual([1, true]);
	});
});
