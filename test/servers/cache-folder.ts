import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where everything lies that tests fetch once: unpacked servers, n8n, LinkAhead's backup. Outside the
 * repository, shared by all checkouts; may be deleted at any time.
 */
export function cacheFolder(...parts: readonly string[]): string {
	const base = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
	const folder = process.env.CAOSDB_TEST_CACHE ?? join(base, 'n8n-nodes-caosdb');
	mkdirSync(folder, { recursive: true });
	return join(folder, ...parts);
}
