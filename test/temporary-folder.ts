import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** A folder of its own for the running test, removed when it ends. */
export async function temporaryFolder(): Promise<string> {
	const path = await mkdtemp(join(tmpdir(), 'n8n-caosdb-test-'));
	onTestFinished(async () => await rm(path, { recursive: true, force: true }));
	return path;
}
