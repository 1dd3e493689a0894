import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { EngineError, MANIFEST_MAX_BYTES, fileError, systemErrorCode } from '../core/index.ts';
import {
	type ArtifactEntry,
	type ArtifactKind,
	MANIFEST_FILE,
	type Manifest,
	parseManifest,
} from './manifest.ts';
import type { Folder } from './written-file.ts';

async function readLimited(path: string, displayPath: string): Promise<string> {
	const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
	try {
		const { size } = await file.stat();
		if (size > MANIFEST_MAX_BYTES) {
			throw new EngineError('manifest_invalid', `${displayPath} has ${size} bytes`, {
				remedy: `A manifest has at most ${MANIFEST_MAX_BYTES}. Choose the folder of a backup set.`,
			});
		}
		return await file.readFile('utf8');
	} finally {
		await file.close();
	}
}

/** Sets below the folder that was given, newest first: what the person may have meant. */
async function setsBelow(folder: Folder): Promise<string[]> {
	const names = await readdir(folder.path, { recursive: true }).catch(() => []);
	return names
		.filter((name) => /(^|\/)\d{8}T\d{6}Z\/manifest\.json$/.test(name))
		.map((name) => join(folder.displayPath, name, '..'))
		.sort()
		.reverse();
}

const SET_NAME = /^\d{8}T\d{6}Z$/;

async function isSet(path: string): Promise<boolean> {
	return await access(join(path, MANIFEST_FILE)).then(
		() => true,
		() => false,
	);
}

/**
 * The set that a person means by a folder: the folder itself, or, when it is the folder of an instance,
 * the newest complete set in it. Throws what `readManifest` throws.
 */
export async function locateSet(folder: Folder): Promise<{ set: Folder; manifest: Manifest }> {
	if (!(await isSet(folder.path))) {
		const names = await readdir(folder.path).catch(() => []);
		for (const name of names
			.filter((candidate) => SET_NAME.test(candidate))
			.sort()
			.reverse()) {
			const set = { path: join(folder.path, name), displayPath: join(folder.displayPath, name) };
			if (!(await isSet(set.path))) continue;
			const manifest = await readManifest(set);
			if (manifest.state === 'complete') return { set, manifest };
		}
	}
	return { set: folder, manifest: await readManifest(folder) };
}

/** The manifest of a set. Throws `manifest_missing` (naming the sets below) or `manifest_invalid`. */
export async function readManifest(folder: Folder): Promise<Manifest> {
	const displayPath = join(folder.displayPath, MANIFEST_FILE);
	try {
		return parseManifest(
			await readLimited(join(folder.path, MANIFEST_FILE), displayPath),
			displayPath,
		);
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') throw fileError(error, displayPath);
	}
	const [newest] = await setsBelow(folder);
	throw new EngineError('manifest_missing', `${folder.displayPath} is not a backup set`, {
		remedy:
			newest === undefined
				? 'A set has a manifest.json, written last: without it the backup did not finish.'
				: `Choose the folder of one set, for example ${newest}.`,
		details: { path: folder.displayPath },
	});
}

/** The artifact of a kind; of folders, the one of that name. Throws `artifact_missing`. */
export function findArtifact(manifest: Manifest, kind: ArtifactKind, name?: string): ArtifactEntry {
	const found = manifest.artifacts.find(
		(artifact) => artifact.kind === kind && artifact.name === name,
	);
	if (found !== undefined) return found;
	const said = (artifact: Pick<ArtifactEntry, 'kind' | 'name'>): string =>
		artifact.name === undefined ? artifact.kind : `folder '${artifact.name}'`;
	const has = manifest.artifacts.map(said).join(', ') || 'nothing';
	throw new EngineError(
		'artifact_missing',
		name === undefined
			? `The backup set ${manifest.id} has no ${kind} artifact`
			: `The backup set ${manifest.id} has no folder '${name}'`,
		{
			remedy: `It contains: ${has}. Choose another set or another resource.`,
			details: { set: manifest.id, kind },
		},
	);
}
