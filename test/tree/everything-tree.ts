import {
	chmodSync,
	closeSync,
	mkdirSync,
	openSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { makeSampleTree } from './sample-tree.ts';

const LINK_BYTES = 4095;
/** As long as a path may be, less what a test's folder and a staging folder in it take. */
const PATH_BYTES = 3900;

/** The sample tree, and what is at the limits of Linux: the longest link, a long path, large holes. */
export function makeEverythingTree(root: string): void {
	makeSampleTree(root);
	const path = (name: string): string => join(root, name);
	symlinkSync('/mnt/'.padEnd(LINK_BYTES, 'long/'), path('longest link'));
	symlinkSync('long name/', path('link with slash'));
	const names: string[] = ['long path'];
	while (names.join('/').length < PATH_BYTES - 256) names.push('folder '.padEnd(250, 'x'));
	mkdirSync(path(names.join('/')), { recursive: true });
	const left = PATH_BYTES - names.join('/').length - 1;
	writeFileSync(path(`${names.join('/')}/${'y'.repeat(left)}`), 'far down');
	const fd = openSync(path('holes.bin'), 'w');
	writeSync(fd, Buffer.alloc(5000, 1), 0, 5000, 3_000_000);
	closeSync(fd);
	truncateSync(path('holes.bin'), 9_000_000);
	mkdirSync(path('shared'));
	chmodSync(path('shared'), 0o3775);
	writeFileSync(path('.hidden'), 'x', { mode: 0o600 });
	utimesSync(path('.hidden'), 4_102_444_800, 4_102_444_800.5);
}
