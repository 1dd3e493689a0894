import { describe, expect, it } from 'vitest';

import { type FaultRule, Faults } from './faults.ts';

function kinds(rule: FaultRule, requests: ReadonlyArray<readonly [string, string]>): number[] {
	const faults = new Faults();
	faults.add(rule);
	return requests.map(([method, url]) => faults.of({ method, url }).length);
}

describe('failures on purpose', () => {
	const get = ['GET', '/Entity/1%262?H='] as const;
	const post = ['POST', '/Entity'] as const;
	const fault = { kind: 'cut-before' } as const;

	it('happen once unless they say how often, 0 for always', () => {
		expect(kinds({ fault }, [get, get, get])).toEqual([1, 0, 0]);
		expect(kinds({ fault, times: 2 }, [get, get, get])).toEqual([1, 1, 0]);
		expect(kinds({ fault, times: 0 }, [get, get, get])).toEqual([1, 1, 1]);
		expect(kinds({ fault, skip: 1 }, [get, get, get])).toEqual([0, 1, 0]);
	});

	it('happen to the method and the decoded path they name', () => {
		expect(kinds({ fault, method: 'POST', times: 0 }, [get, post])).toEqual([0, 1]);
		expect(kinds({ fault, path: '1&2', times: 0 }, [get, post])).toEqual([1, 0]);
		expect(kinds({ fault, path: '^/Entity$', times: 0 }, [get, post])).toEqual([0, 1]);
	});

	it('of long addresses leave short ones alone', () => {
		const limit = { kind: 'url-limit', length: 10, status: 414 } as const;
		expect(kinds({ fault: limit, times: 0 }, [get, post])).toEqual([1, 0]);
		expect(kinds({ fault: limit }, [post, post, get])).toEqual([0, 0, 1]);
	});

	it('can be listed with what they met, and cleared', () => {
		const faults = new Faults();
		faults.add({ fault, skip: 5 });
		faults.of({ method: 'GET', url: '/Info' });
		expect(faults.list()).toEqual([{ rule: { fault, skip: 5 }, seen: 1 }]);
		faults.clear();
		expect(faults.list()).toEqual([]);
		expect(() => faults.add({ fault, path: '(' })).toThrow(SyntaxError);
	});
});
