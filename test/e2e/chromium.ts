import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

import { debianFolder, libraryPath } from '../servers/index.ts';

interface Program {
	readonly executablePath: string;
	readonly env: Readonly<Record<string, string>>;
}

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Debian keeps a library of the sound server apart from all others. */
const PULSE_AUDIO = 'usr/lib/x86_64-linux-gnu/pulseaudio';

/** n8n's editor on loopback is all that it shall talk to. */
const ARGUMENTS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

async function releaseName(): Promise<string> {
	const text = await readFile('/etc/os-release', 'utf8');
	return /^VERSION_CODENAME=(\S+)/m.exec(text)?.[1] ?? 'stable';
}

/** Unpacked, not installed. Of the machine's own release: the browser starts copies of itself by path. */
async function unpacked(): Promise<Program> {
	const suite = await releaseName();
	const packages = ['chromium', 'fonts-dejavu-core', 'fontconfig-config'];
	const root = await debianFolder({ name: `debian-${suite}-chromium`, suite, packages });
	const fonts = join(root, 'fonts-for-tests.conf');
	await writeFile(
		fonts,
		`<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(root, 'usr/share/fonts')}</dir><cachedir>${join(root, 'font-cache')}</cachedir></fontconfig>\n`,
	);
	return {
		executablePath: join(root, 'usr/lib/chromium/chromium'),
		env: {
			LD_LIBRARY_PATH: `${libraryPath(root)}:${join(root, PULSE_AUDIO)}`,
			FONTCONFIG_FILE: fonts,
		},
	};
}

async function program(): Promise<Program> {
	const named = process.env.CAOSDB_TEST_CHROMIUM;
	const installed = [...(named === undefined ? [] : [named]), ...INSTALLED].find((path) =>
		existsSync(path),
	);
	return installed === undefined ? await unpacked() : { executablePath: installed, env: {} };
}

/** Headless Chromium: the one named by CAOSDB_TEST_CHROMIUM, an installed one, or Debian's, unpacked. */
export async function openChromium(): Promise<Browser> {
	const { executablePath, env } = await program();
	const inherited = Object.entries(process.env).filter(
		(pair): pair is [string, string] => pair[1] !== undefined,
	);
	return await chromium.launch({
		executablePath,
		args: ARGUMENTS,
		env: { ...Object.fromEntries(inherited), ...env },
	});
}
