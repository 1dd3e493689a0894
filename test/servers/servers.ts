import { inject } from 'vitest';

import { SERVER_IDS, type ServerId } from './server-software.ts';
import { TestServer } from './test-server.ts';

/** The servers of this run, all or those that are asked for, in the order of SERVER_IDS. */
export function servers(...wanted: readonly ServerId[]): TestServer[] {
	const ids = wanted.length === 0 ? SERVER_IDS : wanted;
	return inject('servers')
		.filter(({ id }) => ids.includes(id))
		.map((address) => new TestServer(address));
}
