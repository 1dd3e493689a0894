import { readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { bundledProgram, debianFolder } from './debian-packages.ts';
import { mustRun, runCommand } from './run-command.ts';

const SUITE = 'bookworm';

interface Pip {
	readonly command: readonly string[];
	readonly env: Readonly<Record<string, string>>;
}

/** Python's pip: the machine's, else Debian's, unpacked into the cache. */
async function pip(): Promise<Pip> {
	const installed = ['python3', '-m', 'pip'];
	const works = await runCommand([...installed, '--version']).then(
		({ code }) => code === 0,
		() => false,
	);
	if (works) return { command: installed, env: {} };
	const name = `debian-${SUITE}-python3-pip`;
	const root = await debianFolder({ name, suite: SUITE, packages: ['python3-pip'] });
	const python = readlinkSync(join(root, 'usr/bin/python3'));
	return {
		command: [...bundledProgram(root, join('usr/bin', python)), '-m', 'pip'],
		env: { PYTHONHOME: join(root, 'usr') },
	};
}

/** Downloads one package, without those it depends on, into a folder. */
export async function pipDownload(requirement: string, folder: string): Promise<void> {
	const { command, env } = await pip();
	const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
	await mustRun([...command, 'download', ...options, '--dest', folder, requirement], { env });
}
