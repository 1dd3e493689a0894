import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { resolveCompression } from '../../lib/artifact/index.ts';
import { JOBS } from '../../lib/job/index.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import {
	contentDifferences,
	databaseContent,
	debianTool,
	mustRun,
	runCommand,
	servers,
} from '../servers/index.ts';
import { endpointOf } from '../sql/sql-session.ts';
import { jobContext } from '../sql/faulty-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { treeDifferences } from '../tree/compare-trees.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/restore-without-n8n.md');

/** The commands that a person would type for a set with this compression, in their order. */
function commands(compression: string): string[] {
	const blocks = readFileSync(DOCUMENT, 'utf8').matchAll(
		/^```sh test(?:=(\w+))?\n([\s\S]*?)^```$/gm,
	);
	return [...blocks]
		.filter(([, only]) => only === undefined || only === compression)
		.map(([, , text]) => text ?? '');
}

function quoted(command: readonly string[]): string {
	return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

describe.each(servers())('the commands of docs/restore-without-n8n.md on $id', (server) => {
	const [source, target] = ['manual_source', 'manual_target'];
	beforeAll(async () => {
		await loadRealBackup(server, source);
		// As the document says of the account that owns the routines.
		await server.sql(`GRANT ALL PRIVILEGES ON ${target}.* TO 'caosdb'@'%'`);
	});
	afterAll(async () => {
		await server.dropDatabase(source);
		await server.dropDatabase(target);
	});

	test.each(['zstd', 'gzip', 'none'] as const)('restore a set with %s', async (kind) => {
		const folder = await temporaryFolder();
		const [files, backups, root] = ['files', 'backups', 'restored'].map((name) =>
			join(folder, name),
		);
		if (files === undefined || backups === undefined || root === undefined) throw new Error();
		await mkdir(join(files, 'deep'), { recursive: true });
		await mkdir(backups);
		await writeFile(join(files, 'deep/a file'), 'content');
		await mustRun(['ln', '-s', '/somewhere/else', join(files, 'absolute')]);
		const compression = resolveCompression(kind);
		const place = { path: backups, displayPath: backups };
		const { backupSet = '' } = await JOBS.sqlBackup(
			{
				endpoint: endpointOf(server),
				database: source,
				destination: {
					kind: 'newSet',
					backups: place,
					instance: 'x',
					expected: ['sql', 'fileRoot'],
				},
				compression,
				verify: true,
			},
			jobContext(),
		);
		await JOBS.fileRootArchive(
			{
				root: { path: files, displayPath: files },
				destination: { kind: 'joinSet', set: { path: backupSet, displayPath: backupSet } },
				compression,
				verify: true,
				// Other files than those of the database: what is tested are the commands.
				allowMissingFiles: true,
			},
			jobContext(),
		);

		const bin = join(folder, 'bin');
		await mkdir(bin);
		const tools = {
			// The person's client finds the server by its option file; the tests' by its arguments.
			mariadb: server.address.clientCommand,
			zstd: await debianTool({ program: 'zstd', package: 'zstd' }),
		};
		for (const [name, command] of Object.entries(tools)) {
			await writeFile(join(bin, name), `#!/bin/sh\nexec ${quoted(command)} "$@"\n`);
			await chmod(join(bin, name), 0o755);
		}
		await server.dropDatabase(target);
		const env = {
			SET: backupSet,
			DATABASE: target,
			ROOT: root,
			PATH: `${bin}:${process.env.PATH ?? ''}`,
		};
		const said: string[] = [];
		for (const command of commands(kind)) {
			const result = await runCommand(['bash', '--norc', '-euo', 'pipefail', '-c', command], {
				env,
			});
			expect(`${command}\n${result.stderr}`).toBe(`${command}\n`);
			expect(result.code, command).toBe(0);
			said.push(result.stdout.toString());
		}
		expect(said.join('')).toMatch(/OK\n[\s\S]*-- Dump completed[^\n]*\nv5\.0\.0\n/);
		expect(
			contentDifferences(
				await databaseContent(server, source),
				await databaseContent(server, target),
			),
		).toEqual([]);
		expect(treeDifferences(files, root)).toEqual([]);
		expect(await readdir(root)).toContain('absolute');
		expect(existsSync(join(root, 'deep/a file'))).toBe(true);
	});
});
