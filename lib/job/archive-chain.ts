import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import {
	type ArtifactEntry,
	type ArtifactReading,
	type CompanionEntry,
	type Folder,
	type Manifest,
	type OpenBytes,
	type StoredFileEntry,
	assertDigest,
	digestOf,
	findArtifact,
	openFileBytes,
	readArtifact,
	readManifest,
} from '../artifact/index.ts';
import { EngineError, type ErrorCode, type JobContext, throwIfAborted } from '../core/index.ts';
import { mergeChain } from '../tree/index.ts';

const DAMAGES: readonly ErrorCode[] = ['artifact_corrupt', 'artifact_truncated'];

/** One archive of a chain, with the set that it lies in. */
export interface ChainLink {
	readonly set: Folder;
	/** Id of the set. */
	readonly id: string;
	readonly artifact: ArtifactEntry;
}

/** The set itself, where its neighbours can be found: a pinned folder has none. */
export async function placeOfSet(set: Folder): Promise<Folder> {
	return { path: await realpath(set.path), displayPath: set.displayPath };
}

/** A set of the same instance by its time, unless n8n may not touch it or it is no folder. */
export async function neighbour(
	set: Folder,
	time: string,
	{ ports }: JobContext,
): Promise<Folder | undefined> {
	const place = await placeOfSet(set);
	const path = join(dirname(place.path), time);
	const [isBlocked = true] = await ports.paths.blocked([path]);
	const isFolder = await lstat(path).then(
		(stats) => stats.isDirectory(),
		() => false,
	);
	if (isBlocked || !isFolder) return undefined;
	return { path, displayPath: join(dirname(place.displayPath), time) };
}

function broken(message: string, id: string): EngineError {
	return new EngineError('artifact_missing', message, {
		remedy:
			'An incremental archive needs the sets that it builds on, down to the last full one, beside its own: ' +
			'copy them back, or restore another set.',
		details: { set: id },
	});
}

/** The file is there with its size; its checksum is compared when it is read. */
async function assertPresent(link: ChainLink): Promise<void> {
	const { set, id, artifact } = link;
	const found = await lstat(join(set.path, artifact.file)).catch(() => undefined);
	if (found?.isFile() === true && found.size === artifact.bytes) return;
	const how = found === undefined ? 'is not there' : 'has another size than its manifest says';
	throw broken(`${join(set.displayPath, artifact.file)} ${how}`, id);
}

async function baseOf(link: ChainLink, context: JobContext): Promise<ChainLink | undefined> {
	const { base } = link.artifact;
	if (base === undefined) return undefined;
	const [instance, time = ''] = base.set.split('/');
	const [ownInstance, ownTime = ''] = link.id.split('/');
	const missing = `The archive of ${link.id} builds on the backup set ${base.set}, which is not there`;
	// Earlier only, so that a changed manifest cannot lead in circles.
	if (instance !== ownInstance || time >= ownTime) throw broken(missing, base.set);
	const set = await neighbour(link.set, time, context);
	if (set === undefined) throw broken(missing, base.set);
	const manifest = await readManifest(set);
	const artifact = findArtifact(manifest, 'fileRoot');
	if (artifact.sha256 === base.sha256) return { set, id: manifest.id, artifact };
	throw broken(
		`The archive of ${link.id} builds on another archive than the one in ${base.set}`,
		base.set,
	);
}

/**
 * The archives that one builds on and itself, from the full one on: one link for a full archive. Throws
 * `artifact_missing` when one of them is not there, not the right one or cut, and what `readManifest`
 * throws.
 */
export async function findChain(
	set: Folder,
	manifest: Manifest,
	context: JobContext,
): Promise<ChainLink[]> {
	const chain: ChainLink[] = [];
	let link: ChainLink | undefined = {
		set,
		id: manifest.id,
		artifact: findArtifact(manifest, 'fileRoot'),
	};
	for (; link !== undefined; link = await baseOf(link, context)) {
		await assertPresent(link);
		chain.unshift(link);
	}
	return chain;
}

/** The index of an archive. Throws `artifact_missing`. */
export function indexOf({ id, artifact }: ChainLink): CompanionEntry {
	const index = artifact.companions?.find(({ role }) => role === 'index');
	if (index === undefined) throw broken(`The archive of ${id} has no index`, id);
	return index;
}

function opening({ path, displayPath }: Folder, { file }: StoredFileEntry): OpenBytes {
	return openFileBytes(join(path, file), join(displayPath, file));
}

function readFile(set: Folder, entry: StoredFileEntry, signal: AbortSignal): ArtifactReading {
	return readArtifact(opening(set, entry), signal, entry);
}

/**
 * Reads a file of a set only to compare its checksum. Throws `artifact_corrupt`, `artifact_truncated`, the
 * path codes, `cancelled`.
 */
export async function assertWhole(
	set: Folder,
	entry: StoredFileEntry,
	signal: AbortSignal,
): Promise<void> {
	async function* bytes(): AsyncGenerator<Uint8Array> {
		for await (const chunk of await opening(set, entry)()) {
			throwIfAborted(signal);
			yield chunk;
		}
	}
	try {
		assertDigest(await digestOf(bytes()), entry);
	} catch (error) {
		if (!(error instanceof EngineError) || !DAMAGES.includes(error.code)) throw error;
		const { code, message, remedy } = error;
		const path = join(set.displayPath, entry.file);
		throw new EngineError(code, `${path} is damaged: ${message}`, { remedy, details: { path } });
	}
}

/**
 * Reads all files of a chain once, before anything is written: which of them is damaged would not show
 * in what is made of all. Throws `artifact_corrupt`, `artifact_truncated`, the path codes, `cancelled`.
 */
export async function assertChainWhole(
	chain: readonly ChainLink[],
	signal: AbortSignal,
): Promise<void> {
	for (const { set, artifact } of chain) await assertWhole(set, artifact, signal);
	const last = chain[chain.length - 1];
	if (last !== undefined) await assertWhole(last.set, indexOf(last), signal);
}

/** Reads the index of an archive only to compare its checksum. Throws as `assertChainWhole`. */
export async function assertIndexWhole(link: ChainLink, signal: AbortSignal): Promise<void> {
	await assertWhole(link.set, indexOf(link), signal);
}

/** Reads the index of an archive. Throws `artifact_missing`; `artifact_corrupt` at its end. */
export function readLinkIndex(link: ChainLink, signal: AbortSignal): AsyncIterable<Uint8Array> {
	return readFile(link.set, indexOf(link), signal).chunks;
}

/** Reads a chain as one archive; as `readArtifact`, of all its files. */
export function readChain(chain: readonly ChainLink[], signal: AbortSignal): ArtifactReading {
	const last = chain[chain.length - 1];
	if (last === undefined) throw new EngineError('internal', 'A chain has no archive');
	const archives = chain.map(({ set, artifact }) => readFile(set, artifact, signal));
	const index = readFile(last.set, indexOf(last), signal);
	return {
		chunks: mergeChain(
			archives.map(({ chunks }) => chunks),
			index.chunks,
		),
		assertEnded: () => {
			for (const reading of [...archives, index]) reading.assertEnded();
		},
	};
}
