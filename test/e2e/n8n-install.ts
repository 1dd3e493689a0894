import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { cacheFolder, madeOnce, mustRun, runCommand } from '../servers/index.ts';

/** The n8n that the package is tested with; n8n-core and n8n-workflow are pinned to the same release. */
export const N8N_VERSION = '2.41.1';

/** The only native modules that n8n needs here; without SQLite it has no database. */
const NATIVE = ['sqlite3', 'isolated-vm'];
const COMPILER = ['g++', 'make', 'python3'];

const pinnedNode = process.execPath;

/** npm of the machine on the pinned Node.js, because native modules bind to the Node.js that builds them. */
function npmEnvironment(): NodeJS.ProcessEnv {
	return { PATH: `${dirname(pinnedNode)}:${process.env.PATH ?? ''}`, npm_config_loglevel: 'error' };
}

async function loads(folder: string, module: string): Promise<boolean> {
	const { code } = await runCommand([pinnedNode, '-e', `require('${module}')`], { cwd: folder });
	return code === 0;
}

async function missingCompiler(): Promise<string[]> {
	const found = await Promise.all(
		COMPILER.map(async (tool) => (await runCommand(['sh', '-c', `command -v ${tool}`])).code === 0),
	);
	return COMPILER.filter((_tool, index) => found[index] === false);
}

/** A folder whose include/node has headers: of the machine's Node.js, else of a package from npm. */
async function headersFolder(folder: string): Promise<string> {
	const { stdout } = await runCommand(['sh', '-c', 'PATH=$ORIGINAL_PATH command -v node'], {
		env: { ORIGINAL_PATH: (process.env.PATH ?? '').replace(/[^:]*node_modules\/\.bin:/g, '') },
	});
	const machine = dirname(dirname(stdout.toString().trim()));
	if (existsSync(join(machine, 'include/node/node_api.h'))) return machine;
	const name = `node-linux-${process.arch}`;
	await mustRun(['npm', 'install', '--ignore-scripts', `${name}@${process.versions.node}`], {
		cwd: folder,
		env: npmEnvironment(),
	});
	return join(folder, 'node_modules', name);
}

async function buildNative(folder: string): Promise<void> {
	for (const module of NATIVE) {
		if (await loads(folder, module)) continue;
		const missing = await missingCompiler();
		if (missing.length > 0) {
			throw new Error(
				`n8n's ${module} must be compiled and ${missing.join(', ')} is missing: ` +
					"install Debian's packages g++, make and python3.",
			);
		}
		const nodedir = await headersFolder(folder);
		await mustRun(['npm', 'rebuild', module], {
			cwd: folder,
			env: { ...npmEnvironment(), npm_config_nodedir: nodedir },
		});
		if (!(await loads(folder, module)))
			throw new Error(`n8n's ${module} was built but does not load`);
	}
}

/** The folder of the installed n8n; about four minutes the first time. */
export async function n8nFolder(): Promise<string> {
	return await madeOnce(cacheFolder(`n8n-${N8N_VERSION}`), async (folder) => {
		console.log(`Installing n8n ${N8N_VERSION} (about four minutes the first time)`);
		await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
		await mustRun(
			['npm', 'install', `n8n@${N8N_VERSION}`, '--ignore-scripts', '--no-audit', '--no-fund'],
			{ cwd: folder, env: npmEnvironment() },
		);
		await buildNative(folder);
	});
}
