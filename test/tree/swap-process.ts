import { existsSync, mkdirSync } from 'node:fs';

import { NO_PROGRESS, type Ports } from '../../lib/core/index.ts';
import { fileRootRestore } from '../../lib/job/file-root-restore.ts';
import { fileRootRollBack } from '../../lib/job/file-root-roll-back.ts';
import type { FileRootTarget } from '../../lib/job/index.ts';

/*
 * A process of its own that replaces a file root, or rolls one back, to be killed: see
 * killed-swap.test.ts. Arguments: what to do, the target, its parent or '-', the folder and the name of the
 * archive; or of a kept root, to roll back to.
 */

const unused = async (): Promise<never> => await Promise.reject(new Error('not used'));
const ports: Ports = {
	http: { request: unused },
	paths: { blocked: unused },
	binary: { read: unused, write: unused },
};

const [what, path = '', parent = '', folder = '', fileName = '', kept = ''] = process.argv.slice(2);
if (!existsSync(path)) mkdirSync(path);
const target: FileRootTarget = {
	target: { path, displayPath: path },
	...(parent === '-' ? {} : { parent: { path: parent, displayPath: parent } }),
};
const context = { signal: new AbortController().signal, progress: NO_PROGRESS, ports };
if (what === 'rollBack') {
	await fileRootRollBack({ ...target, ...(kept === '' ? {} : { keptPath: kept }) }, context);
} else {
	const source = {
		kind: 'file' as const,
		folder: { path: folder, displayPath: folder },
		fileName,
	};
	await fileRootRestore({ ...target, source, ifNotEmpty: 'replace' }, context);
}
