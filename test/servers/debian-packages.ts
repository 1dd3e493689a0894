import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';

import { cacheFolder } from './cache-folder.ts';
import { madeOnce } from './made-once.ts';
import { mustRun } from './run-command.ts';

/*
 * Debian packages without root and without installing anything: apt downloads a package and all it
 * depends on into a private folder, dpkg unpacks them, and the programs run with the C library and
 * loader that came with them, so that they work on machines of another release.
 */

export interface DebianBundle {
	/** Names the folder in the cache. */
	readonly name: string;
	/** e.g. `bookworm`, `sid`. */
	readonly suite: string;
	/** `libc6` is always added. */
	readonly packages: readonly string[];
}

const SOURCES = '/etc/apt/sources.list.d/debian.sources';
const SIGNERS = '/usr/share/keyrings/debian-archive-keyring.gpg';
const DEFAULT_MIRROR = 'http://deb.debian.org/debian';

/** The mirror that the machine itself uses for Debian's main archive. */
async function mirror(): Promise<string> {
	const text = existsSync(SOURCES) ? await readFile(SOURCES, 'utf8') : '';
	const main = text.split(/\n\s*\n/).find((stanza) => /^URIs:.*\/debian\/?\s*$/m.test(stanza));
	return /^URIs:\s*(\S+)/m.exec(main ?? '')?.[1] ?? DEFAULT_MIRROR;
}

function aptOptions(folder: string): string[] {
	const settings = {
		'Dir::Etc::sourcelist': '/dev/null',
		'Dir::Etc::sourceparts': join(folder, 'sources'),
		'Dir::State::Lists': join(folder, 'lists'),
		'Dir::State::status': join(folder, 'status'),
		'Dir::Cache': join(folder, 'cache'),
		'Debug::NoLocking': '1',
		'APT::Sandbox::User': userInfo().username,
		'APT::Get::AllowUnauthenticated': 'false',
		'Acquire::Languages': 'none',
		'Acquire::Retries': '3',
	};
	return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

async function download({ suite, packages }: DebianBundle, folder: string): Promise<string[]> {
	for (const part of ['sources', 'lists/partial', 'cache/archives/partial']) {
		await mkdir(join(folder, part), { recursive: true });
	}
	await writeFile(join(folder, 'status'), '');
	await writeFile(
		join(folder, 'sources/debian.sources'),
		`Types: deb\nURIs: ${await mirror()}\nSuites: ${suite}\nComponents: main\nSigned-By: ${SIGNERS}\n`,
	);
	const options = aptOptions(folder);
	await mustRun(['apt-get', ...options, '-qq', 'update']);
	await mustRun([
		'apt-get',
		...options,
		...['-qq', 'install', '-y', '--no-install-recommends', '--download-only'],
		...packages,
		'libc6',
	]);
	const archives = join(folder, 'cache/archives');
	const names = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
	return names.map((name) => join(archives, name));
}

/** The folder with the unpacked packages, as a root of a file system; downloaded the first time. */
export async function debianFolder(bundle: DebianBundle): Promise<string> {
	return await madeOnce(cacheFolder(bundle.name), async (folder) => {
		const downloads = cacheFolder(`${bundle.name}.download`);
		await madeOnce(downloads, async (to) => void (await download(bundle, to)));
		const archives = join(downloads, 'cache/archives');
		for (const name of await readdir(archives)) {
			if (name.endsWith('.deb')) await mustRun(['dpkg', '-x', join(archives, name), folder]);
		}
	});
}

const LOADERS = [
	'usr/lib64/ld-linux-x86-64.so.2',
	'lib64/ld-linux-x86-64.so.2',
	'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
];

/** The folders in which a bundle's programs find their libraries, for LD_LIBRARY_PATH. */
export function libraryPath(folder: string): string {
	const parts = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib'];
	return parts.map((part) => join(folder, part)).join(':');
}

/** How to run a program of an unpacked bundle: with the bundle's own loader and libraries. */
export function bundledProgram(folder: string, program: string): string[] {
	const loader = LOADERS.map((path) => join(folder, path)).find((path) => existsSync(path));
	if (loader === undefined) throw new Error(`${folder} has no loader: is libc6 missing?`);
	return [loader, '--library-path', libraryPath(folder), join(folder, program)];
}
