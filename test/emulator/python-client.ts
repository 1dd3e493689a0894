import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder, madeOnce, mustRun, runCommand, unpackedPython } from '../servers/index.ts';

const PACKAGES = ['linkahead==0.21.0', 'caosadvancedtools==0.17.0'] as const;
const INSTALL_DEADLINE_MS = 240_000;
const SCRIPT_DEADLINE_MS = 90_000;

/** e.g. `3.11.2`; of a machine without Python, of which Debian's packages have to do, `debian`. */
async function pythonVersion(): Promise<string> {
	const { code, stdout } = await runCommand(['python3', '--version']).catch(() => NOT_THERE);
	return code === 0 ? stdout.toString().trim().replace('Python ', '') : 'debian';
}

const NOT_THERE = { code: 127, stdout: Buffer.alloc(0), stderr: '' };
const INSTALL = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];

/** Its own folder is found when it runs, because the cache gives it its name afterwards. */
async function writeScript(path: string, line: string): Promise<void> {
	await writeFile(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

/** A virtual environment where the machine can make one, else packages beside an unpacked Python. */
async function makeEnvironment(folder: string): Promise<void> {
	const environment = join(folder, 'environment');
	const program = join(folder, 'python');
	const made = await runCommand(['python3', '-m', 'venv', environment]).catch(() => NOT_THERE);
	const deadline = INSTALL_DEADLINE_MS;
	if (made.code === 0) {
		const python = join(environment, 'bin/python');
		await mustRun([python, ...INSTALL, ...PACKAGES], { deadline });
		await writeScript(program, 'exec "$(dirname "$0")/environment/bin/python" "$@"');
		return;
	}
	await rm(environment, { recursive: true, force: true });
	const python = await unpackedPython();
	const target = ['--target', join(folder, 'packages')];
	await mustRun([python, ...INSTALL, ...target, ...PACKAGES], { deadline });
	await writeScript(program, `PYTHONPATH="$(dirname "$0")/packages" exec '${python}' "$@"`);
}

/** A Python program with LinkAhead's official client and tools, made the first time. */
export async function pythonClient(): Promise<string> {
	const versions = PACKAGES.map((name) => name.replace('==', '-')).join('-');
	const folder = cacheFolder(`python-client-${await pythonVersion()}-${versions}`);
	return join(await madeOnce(folder, makeEnvironment), 'python');
}

/**
 * Runs a Python program with the official client; returns what it prints. Throws with its traceback when
 * it fails or takes longer than 90 s.
 */
export async function runPython(
	args: readonly string[],
	cwd: string,
	environment: NodeJS.ProcessEnv = {},
): Promise<string> {
	const plain = { PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore', LC_ALL: 'C.UTF-8' };
	const command = [await pythonClient(), ...args];
	const { code, stdout, stderr } = await runCommand(command, {
		cwd,
		// No settings of the person who runs the tests: the client reads a file in the home folder.
		env: { ...plain, HOME: cwd, ...environment },
		deadline: SCRIPT_DEADLINE_MS,
	});
	if (code === 0) return stdout.toString();
	throw new Error(`${args.slice(0, 3).join(' ')} ended with ${code}:\n${stderr.slice(-6000)}`);
}
