import { readFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { resolveCompression } from '../../lib/artifact/index.ts';
import { JOBS } from '../../lib/job/index.ts';
import { FILE_JOB, folderOf } from '../job/job-context.ts';
import { debianTool } from '../servers/debian-tool.ts';
import { mustRun } from '../servers/run-command.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { treeDifferences } from '../tree/compare-trees.ts';
import { makeSampleTree } from '../tree/sample-tree.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/restore-without-n8n.md');

it('the commands of docs/restore-without-n8n.md restore a chain of incremental archives', async () => {
	const folder = await temporaryFolder();
	const path = (name: string): string => join(folder, name);
	for (const name of ['root', 'backups', 'restored', 'bin']) mkdirSync(path(name));
	makeSampleTree(path('root'));
	const sets: string[] = [];
	const archive = async (): Promise<void> => {
		const report = await JOBS.fileRootArchive(
			{
				root: folderOf(path('root')),
				destination: {
					...{ kind: 'newSet', backups: folderOf(path('backups')), instance: 'x' },
					expected: ['fileRoot'],
				},
				...{ compression: resolveCompression('zstd'), verify: true, incremental: {} },
			},
			FILE_JOB,
		);
		sets.push(report.backupSet ?? '');
	};
	await archive();
	renameSync(path('root/with blank'), path('root/-rf'));
	rmSync(path('root/empty'), { recursive: true });
	writeFileSync(path('root/empty'), 'a file now');
	await archive();
	rmSync(path('root/-rf'), { recursive: true });
	rmSync(path('root/512.bin'));
	await archive();
	const zstd = await debianTool({ program: 'zstd', package: 'zstd' });
	const quoted = zstd.map((word) => `'${word}'`).join(' ');
	await writeFile(path('bin/zstd'), `#!/bin/sh\nexec ${quoted} "$@"\n`);
	await chmod(path('bin/zstd'), 0o755);
	const [, command = ''] =
		/^```sh test=chain\n([\s\S]*?)^```$/m.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
	const env = {
		...{ CHAIN: sets.join(' '), ROOT: path('restored') },
		PATH: `${path('bin')}:${process.env.PATH ?? ''}`,
	};
	await mustRun(['bash', '--norc', '-euo', 'pipefail', '-c', command], { env });
	expect(sets).toHaveLength(3);
	expect(treeDifferences(path('root'), path('restored'))).toEqual([]);
});
