import { readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from './cache-folder.ts';
import { bundledProgram, debianFolder } from './debian-packages.ts';
import { madeOnce } from './made-once.ts';

const SUITE = 'bookworm';

function quoted(word: string): string {
	return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A shell script that becomes another program, with some variables set. */
export async function writeLauncher(
	path: string,
	command: readonly string[],
	variables: Readonly<Record<string, string>>,
): Promise<void> {
	const exports = Object.entries(variables).map(
		([name, value]) => `export ${name}=${quoted(value)}`,
	);
	const lines = ['#!/bin/sh', ...exports, `exec ${command.map(quoted).join(' ')} "$@"`, ''];
	await writeFile(path, lines.join('\n'), { mode: 0o755 });
}

/**
 * Python with pip from Debian's packages, unpacked into the cache, as one program to be called by its
 * path. Programs that it starts by `sys.executable` are itself again.
 */
export async function unpackedPython(): Promise<string> {
	const name = `debian-${SUITE}-python3-pip`;
	const root = await debianFolder({ name, suite: SUITE, packages: ['python3-pip'] });
	const folder = await madeOnce(cacheFolder(`${name}.launcher`), async (made) => {
		const python = readlinkSync(join(root, 'usr/bin/python3'));
		const [loader = '', ...rest] = bundledProgram(root, join('usr/bin', python));
		await mkdir(made, { recursive: true });
		const itself = join(cacheFolder(`${name}.launcher`), 'python');
		await writeLauncher(join(made, 'python'), [loader, '--argv0', itself, ...rest], {
			PYTHONHOME: join(root, 'usr'),
		});
	});
	return join(folder, 'python');
}
