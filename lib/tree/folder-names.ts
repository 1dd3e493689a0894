import { readdirSync } from 'node:fs';

import type { BytePath } from './byte-path.ts';

/** The names in a folder, as the file system has them. */
export function namesIn(folder: string | Buffer): BytePath[] {
	return readdirSync(folder, 'buffer').map((name) => name.toString('latin1'));
}
