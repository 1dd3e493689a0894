import { join } from 'node:path';

import { cacheFolder, madeOnce, mustRun, runCommand } from '../servers/index.ts';

const PACKAGES = ['linkahead==0.21.0', 'caosadvancedtools==0.17.0'] as const;
const INSTALL_DEADLINE_MS = 240_000;
const SCRIPT_DEADLINE_MS = 90_000;

async function pythonVersion(): Promise<string> {
	const { code, stdout } = await runCommand(['python3', '--version']).catch(() => {
		throw new Error('python3 is missing: install the Debian package python3.');
	});
	if (code !== 0) throw new Error('python3 does not run.');
	return stdout.toString().trim().replace('Python ', '');
}

async function makeEnvironment(folder: string): Promise<void> {
	const made = await runCommand(['python3', '-m', 'venv', folder]);
	if (made.code !== 0) {
		const said = `${made.stdout.toString()}${made.stderr}`.trim();
		throw new Error(
			`python3 cannot make a virtual environment: install the Debian package python3-venv.\n${said}`,
		);
	}
	const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
	await mustRun([join(folder, 'bin/python'), ...install, ...PACKAGES], {
		deadline: INSTALL_DEADLINE_MS,
	});
}

/**
 * The Python program of a virtual environment with LinkAhead's official client and tools, made the first
 * time. Throws an error that names the Debian package that is missing.
 */
export async function pythonClient(): Promise<string> {
	const versions = PACKAGES.map((name) => name.replace('==', '-')).join('-');
	const folder = cacheFolder(`python-${await pythonVersion()}-${versions}`);
	return join(await madeOnce(folder, makeEnvironment), 'bin/python');
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
