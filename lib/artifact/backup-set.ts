import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile as write } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EngineError, fileError, makeFolder, systemErrorCode } from '../core/index.ts';
import { type Lock, acquireLock, isUnlocked } from './lock.ts';
import {
	type ArtifactEntry,
	type ArtifactKind,
	MANIFEST_FILE,
	type Manifest,
	encodeManifest,
	newManifest,
	schemaVersionOf,
	stateOf,
} from './manifest.ts';
import { checkInstanceName, timestamp } from './naming.ts';
import { readManifest } from './set-reader.ts';
import { type Folder, PARTIAL_SUFFIX, syncFolder } from './written-file.ts';

const LOCK_FILE = '.lock';
export const CHECKSUM_FILE = 'SHA256SUMS';
/** A set's name has the resolution of a second: two that begin in the same one take their turns. */
const NAME_TRIES = 10;

/** A set that this run writes to. Exactly one of `add` and `fail` ends the writing. */
export interface BackupSet {
	readonly folder: Folder;
	readonly manifest: Manifest;
	/** Lists a written file: SHA256SUMS, then the manifest. Returns the manifest as written. */
	add(artifact: ArtifactEntry): Promise<Manifest>;
	/** Records that an artifact could not be made; a set without any artifact disappears. */
	fail(kind: ArtifactKind, error: EngineError): Promise<void>;
}

async function replaceFile(folder: Folder, name: string, text: string): Promise<void> {
	const partial = join(folder.path, name + PARTIAL_SUFFIX);
	await write(partial, text, { mode: 0o600, flush: true });
	await rename(partial, join(folder.path, name));
	await syncFolder(folder);
}

async function removePartials(folder: Folder): Promise<void> {
	for (const name of await readdir(folder.path)) {
		if (name.endsWith(PARTIAL_SUFFIX)) await unlink(join(folder.path, name));
	}
}

function checksums(artifacts: readonly ArtifactEntry[]): string {
	return artifacts
		.flatMap((artifact) => [artifact, ...(artifact.companions ?? [])])
		.map(({ sha256, file }) => `${sha256}  ${file}\n`)
		.join('');
}

class OpenSet implements BackupSet {
	readonly folder: Folder;
	#manifest: Manifest;
	readonly #lock: Lock;

	constructor(folder: Folder, manifest: Manifest, lock: Lock) {
		this.folder = folder;
		this.#manifest = manifest;
		this.#lock = lock;
	}

	get manifest(): Manifest {
		return this.#manifest;
	}

	async add(artifact: ArtifactEntry): Promise<Manifest> {
		const artifacts = [...this.#manifest.artifacts, artifact];
		const state = stateOf(this.#manifest.expected, artifacts);
		const updatedAt = new Date().toISOString();
		const schemaVersion = schemaVersionOf(artifacts);
		const next = { ...this.#manifest, schemaVersion, artifacts, state, updatedAt };
		// An earlier failure is mended by now.
		delete next.failure;
		await this.#store(next, artifacts);
		await this.#lock.release();
		return this.#manifest;
	}

	async fail(kind: ArtifactKind, { code, message }: EngineError): Promise<void> {
		const { artifacts } = this.#manifest;
		try {
			if (artifacts.length === 0) {
				await rm(this.folder.path, { recursive: true, force: true });
				// The instance's folder goes too when this was to be its first set.
				await rmdir(dirname(this.folder.path)).catch(() => undefined);
				return;
			}
			const at = new Date().toISOString();
			const failure = { kind, code, message, at };
			await this.#store({ ...this.#manifest, state: 'failed', updatedAt: at, failure }, artifacts);
		} finally {
			await this.#lock.release();
		}
	}

	async #store(manifest: Manifest, artifacts: readonly ArtifactEntry[]): Promise<void> {
		await replaceFile(this.folder, CHECKSUM_FILE, checksums(artifacts));
		await replaceFile(this.folder, MANIFEST_FILE, encodeManifest(manifest));
		this.#manifest = manifest;
	}
}

/** Folders of one instance that a run left without ever writing a manifest, and whose run is dead. */
async function removeDeadSets(instance: Folder): Promise<void> {
	for (const entry of await readdir(instance.path, { withFileTypes: true })) {
		if (!entry.isDirectory() || !/^\d{8}T\d{6}Z$/.test(entry.name)) continue;
		const path = join(instance.path, entry.name);
		const names = await readdir(path);
		const isOurs = names.every((name) => name.endsWith(PARTIAL_SUFFIX) || name === LOCK_FILE);
		if (!isOurs || !(await isUnlocked(join(path, LOCK_FILE)))) continue;
		// An empty folder without a lock may be one that another run is just making.
		if (names.length > 0) await rm(path, { recursive: true, force: true });
	}
}

/**
 * Makes the folder of a new set, exclusively, below `<backups>/<instance>`. Throws the path codes and
 * `invalid_option`.
 */
export async function createBackupSet(options: {
	readonly backups: Folder;
	readonly instance: string;
	readonly expected: readonly ArtifactKind[];
}): Promise<BackupSet> {
	const instance = checkInstanceName(options.instance);
	const parent: Folder = {
		path: join(options.backups.path, instance),
		displayPath: join(options.backups.displayPath, instance),
	};
	try {
		await makeFolder(parent.path);
		await removeDeadSets(parent);
		const { folder, createdAt } = await makeSetFolder(parent);
		const lock = await acquireLock(join(folder.path, LOCK_FILE), folder.displayPath);
		const id = `${instance}/${timestamp(createdAt)}`;
		const manifest = newManifest(id, instance, options.expected, createdAt.toISOString());
		return new OpenSet(folder, manifest, lock);
	} catch (error) {
		throw fileError(error, parent.displayPath);
	}
}

async function makeSetFolder(parent: Folder): Promise<{ folder: Folder; createdAt: Date }> {
	for (let tries = 1; ; tries++) {
		const createdAt = new Date();
		const name = timestamp(createdAt);
		const path = join(parent.path, name);
		try {
			await mkdir(path, { mode: 0o700 });
			return { folder: { path, displayPath: join(parent.displayPath, name) }, createdAt };
		} catch (error) {
			if (systemErrorCode(error) !== 'EEXIST' || tries === NAME_TRIES) throw error;
			await sleep(1000 - createdAt.getMilliseconds());
		}
	}
}

/**
 * Opens an existing set to add an artifact of `kind` (and `name`, for a folder). Throws `path_exists` when it has one already,
 * `set_busy` while another run writes to it, and what `readManifest` throws.
 */
export async function joinBackupSet(
	folder: Folder,
	kind: ArtifactKind,
	name?: string,
): Promise<BackupSet> {
	const lock = await acquireLock(join(folder.path, LOCK_FILE), folder.displayPath);
	try {
		const manifest = await readManifest(folder);
		const isSame = (artifact: ArtifactEntry) => artifact.kind === kind && artifact.name === name;
		if (manifest.artifacts.some(isSame)) {
			const what = name === undefined ? `its ${kind} artifact` : `a folder '${name}'`;
			throw new EngineError('path_exists', `The backup set already has ${what}`, {
				remedy: 'Start a new set: run the backup node that begins the pipeline again.',
				details: { path: folder.displayPath, kind },
			});
		}
		await removePartials(folder);
		return new OpenSet(folder, manifest, lock);
	} catch (error) {
		await lock.release();
		throw fileError(error, folder.displayPath);
	}
}
