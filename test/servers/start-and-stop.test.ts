import { describe, expect, it } from 'vitest';

import { SERVER_IDS, SERVER_KINDS, servers } from './index.ts';

describe('the servers of this run', () => {
	it('are all there', () => {
		expect(servers().map(({ id }) => id)).toEqual([...SERVER_IDS]);
	});

	it.each(servers())('answer with their version: $id', async (server) => {
		const version = await server.sql('SELECT VERSION()');
		expect(version).toMatch(SERVER_KINDS[server.id].version);
		expect(version.includes('MariaDB')).toBe(server.vendor === 'mariadb');
	});
});
