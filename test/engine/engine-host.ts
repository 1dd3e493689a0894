import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * n8n's own execution engine inside the test process. n8n reads its settings from the environment when
 * its modules are loaded, so they are set first and n8n-core is loaded afterwards.
 */

const userFolder = mkdtempSync(join(tmpdir(), 'n8n-caosdb-engine-'));
Object.assign(process.env, {
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'a key for tests only',
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	N8N_RESTRICT_FILE_ACCESS_TO: join(userFolder, 'allowed'),
});

/** n8n is CommonJS, and the built package gets it by require(): one copy of it for all. */
const require = createRequire(import.meta.url);
require('reflect-metadata');
export const core = require('n8n-core') as typeof import('n8n-core');
export const workflow = require('n8n-workflow') as typeof import('n8n-workflow');
// n8n-core's own copies: they hold its services and settings.
const requireAsCore = createRequire(require.resolve('n8n-core'));
const { Container } = requireAsCore('@n8n/di') as typeof import('@n8n/di');
const { SecurityConfig } = requireAsCore('@n8n/config') as typeof import('@n8n/config');

/** The package under test, loaded from `dist` as n8n loads it. */
export async function loadPackage(
	folder: string,
): Promise<InstanceType<typeof core.PackageDirectoryLoader>> {
	const loader = new core.PackageDirectoryLoader(folder);
	await loader.loadAll();
	return loader;
}

/** Replaces what N8N_RESTRICT_FILE_ACCESS_TO would say. */
export function allowFolders(...folders: readonly string[]): void {
	Container.get(SecurityConfig).restrictFileAccessTo = folders.join(';');
}

let binaryData: Promise<InstanceType<typeof core.BinaryDataService>> | undefined;

async function openBinaryData(): Promise<InstanceType<typeof core.BinaryDataService>> {
	const service = Container.get(core.BinaryDataService);
	await service.init();
	return service;
}

/** n8n's binary store, in its default mode `filesystem`. */
export async function binaryStore(): Promise<InstanceType<typeof core.BinaryDataService>> {
	binaryData ??= openBinaryData();
	return await binaryData;
}

export async function closeHost(): Promise<void> {
	await rm(userFolder, { recursive: true, force: true });
}
