import { join } from 'node:path';

import { mustRun } from '../test/servers/index.ts';

const ROOT = join(import.meta.dirname, '..');

/** Builds dist/ from the sources as they are now. */
export async function buildPackage(): Promise<void> {
	await mustRun([process.execPath, join(ROOT, 'node_modules/gulp/bin/gulp.js'), 'build'], {
		cwd: ROOT,
	});
}
