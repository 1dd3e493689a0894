import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { mustRun } from '../servers/index.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

interface Packed {
	readonly file: string;
	readonly names: readonly string[];
}

/** Packs the package as npm publishes it; tells the names of the files in it. */
export async function packPackage(into: string): Promise<Packed> {
	const out = await mustRun(
		['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', into],
		{
			cwd: REPOSITORY,
			env: { npm_config_loglevel: 'error' },
		},
	);
	return parsePacked(JSON.parse(out.toString()), into);
}

function parsePacked(answer: unknown, into: string): Packed {
	// npm 12 answers with an object by name, older ones with a list.
	const [packed] = Object.values(
		answer as Record<string, { filename: string; files: { path: string }[] }>,
	);
	if (packed === undefined) throw new Error('npm pack packed nothing');
	return { file: join(into, packed.filename), names: packed.files.map(({ path }) => path) };
}

/**
 * Installs a packed package into n8n's user folder, as n8n's own installer of community packages does:
 * unpack, drop what is only for development, and let npm install the rest without scripts. Offline and
 * with an empty cache, because nothing may be fetched.
 */
export async function installPackage(tarball: string, userFolder: string): Promise<string> {
	const folder = join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-caosdb');
	await mkdir(folder, { recursive: true });
	await mustRun(['tar', '-xzf', tarball, '-C', folder, '--strip-components=1']);
	const file = join(folder, 'package.json');
	const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
	for (const key of ['devDependencies', 'peerDependencies', 'optionalDependencies'])
		delete manifest[key];
	await writeFile(file, JSON.stringify(manifest, undefined, 2));
	const cache = join(userFolder, 'empty-npm-cache');
	await mustRun(
		[
			...['npm', 'install', '--offline', '--cache', cache, '--ignore-scripts'],
			...['--install-strategy=shallow', '--no-audit', '--no-fund', '--loglevel=error'],
		],
		{ cwd: folder },
	);
	return folder;
}
