import { EngineError, TOOL } from '../core/index.ts';
import { COMPRESSION_KINDS, type Compression } from './compression.ts';
import { type Frame, areFramesOf } from './frames.ts';

/** The manifest of a backup set: docs/format.md is its specification. */
export const MANIFEST_SCHEMA_VERSIONS = [1, 2] as const;
export type SchemaVersion = (typeof MANIFEST_SCHEMA_VERSIONS)[number];
export const MANIFEST_FILE = 'manifest.json';

export const ARTIFACT_KINDS = ['sql', 'fileRoot', 'folder', 'entities'] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/**
 * `open`: an expected artifact is still missing. `failed`: the last try to add one failed; another may
 * still succeed. `partial`: all there, with something left out because the user allowed it.
 */
export const SET_STATES = ['open', 'complete', 'partial', 'failed'] as const;
export type SetState = (typeof SET_STATES)[number];

/**
 * Small files beside an artifact. `index`: every member of an archive. `deletions`: what an incremental
 * archive takes away. `fileRows`: what the database says about files.
 */
export const COMPANION_ROLES = ['index', 'deletions', 'fileRows'] as const;
export type CompanionRole = (typeof COMPANION_ROLES)[number];

/** A file, its content before compression, and how it is compressed. */
export interface StoredFileEntry {
	readonly file: string;
	/** Of the file as it lies there. */
	readonly bytes: number;
	readonly sha256: string;
	/** Of the content before compression. */
	readonly contentBytes: number;
	readonly contentSha256: string;
	readonly compression: Compression;
}

export interface CompanionEntry extends StoredFileEntry {
	readonly role: CompanionRole;
}

/** The archive that an incremental one builds on. */
export interface BaseEntry {
	/** Id of its set, which lies beside this one. */
	readonly set: string;
	/** Of that archive's file. */
	readonly sha256: string;
}

export interface ArtifactEntry extends StoredFileEntry {
	readonly kind: ArtifactKind;
	/** Tells folders apart; absent for the other kinds, of which a set has one each. */
	readonly name?: string;
	readonly status: 'complete' | 'partial';
	readonly companions?: readonly CompanionEntry[];
	/** Present when the archive holds only what changed since another one. */
	readonly base?: BaseEntry;
	/** In the order of the file, without gaps: what can be read without the rest. Absent: only the whole. */
	readonly frames?: readonly Frame[];
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	readonly finishedAt: string;
	/** What the engine reports: for `sql`, `fileRoot` and `entities` as docs/format.md says. */
	readonly details: Readonly<Record<string, unknown>>;
}

export interface SetFailure {
	readonly kind: ArtifactKind;
	readonly code: string;
	readonly message: string;
	readonly at: string;
}

export interface Manifest {
	readonly schemaVersion: SchemaVersion;
	/** `<instance>/<time>`: unique because the folder was made exclusively. */
	readonly id: string;
	readonly instance: string;
	readonly state: SetState;
	readonly expected: readonly ArtifactKind[];
	readonly tool: { readonly name: string; readonly version: string };
	readonly createdAt: string;
	readonly updatedAt: string;
	readonly artifacts: readonly ArtifactEntry[];
	failure?: SetFailure;
}

/** The lowest version whose readers take what is there for what it is. */
export function schemaVersionOf(artifacts: readonly ArtifactEntry[]): SchemaVersion {
	return artifacts.some(({ kind, base }) => kind === 'folder' || base !== undefined) ? 2 : 1;
}

/** The state that follows from what is there; `failed` is set by the one who failed. */
export function stateOf(
	expected: readonly ArtifactKind[],
	artifacts: readonly ArtifactEntry[],
): SetState {
	const missing = expected.some((kind) => !artifacts.some((artifact) => artifact.kind === kind));
	if (missing) return 'open';
	return artifacts.some(({ status }) => status === 'partial') ? 'partial' : 'complete';
}

export function newManifest(
	id: string,
	instance: string,
	expected: readonly ArtifactKind[],
	createdAt: string,
): Manifest {
	return {
		schemaVersion: 1,
		id,
		instance,
		state: 'open',
		expected,
		tool: TOOL,
		createdAt,
		updatedAt: createdAt,
		artifacts: [],
	};
}

/** Indented for people, but for frames: one a line, or the manifest of a large database doubles. */
export function encodeManifest(manifest: Manifest): string {
	const text = JSON.stringify({ ...manifest, artifacts: [] }, undefined, 2);
	const artifacts = manifest.artifacts.map(encodeArtifact);
	const list = artifacts.length === 0 ? '' : `${indented(`\n${artifacts.join(',\n')}`, 4)}\n  `;
	// A line break within a text is written as an escape, so this is found once.
	return `${text.replace(NO_ARTIFACTS, () => `\n  "artifacts": [${list}]`)}\n`;
}

const NO_ARTIFACTS = '\n  "artifacts": []';

function encodeArtifact({ frames, ...rest }: ArtifactEntry): string {
	const text = JSON.stringify(rest, undefined, 2);
	if (frames === undefined) return text;
	const lines = frames.map((frame) => JSON.stringify(frame)).join(',\n');
	return `${text.slice(0, -2)},\n  "frames": [${indented(`\n${lines}`, 4)}\n  ]\n}`;
}

function indented(text: string, blanks: number): string {
	return text.replaceAll('\n', `\n${' '.repeat(blanks)}`);
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDigest(value: unknown): boolean {
	return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isCount(value: unknown): boolean {
	return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
	return typeof value === 'string' && allowed.includes(value);
}

function isPlainFileName(value: unknown): boolean {
	return typeof value === 'string' && /^[^/\\\0]+$/.test(value) && value !== '.' && value !== '..';
}

function isCompression(value: unknown): boolean {
	return isObject(value) && isOneOf(value.kind, COMPRESSION_KINDS) && isCount(value.level);
}

function isStoredFile(value: unknown): value is Json {
	return (
		isObject(value) &&
		isPlainFileName(value.file) &&
		[value.bytes, value.contentBytes].every(isCount) &&
		[value.sha256, value.contentSha256].every(isDigest) &&
		isCompression(value.compression)
	);
}

function isCompanion(value: unknown): boolean {
	return isStoredFile(value) && isOneOf(value.role, COMPANION_ROLES);
}

function isBase(value: unknown): boolean {
	return isObject(value) && SET_ID.test(String(value.set)) && isDigest(value.sha256);
}

function isArtifact(value: unknown): boolean {
	return (
		isStoredFile(value) &&
		isOneOf(value.kind, ARTIFACT_KINDS) &&
		isOneOf(value.status, ['complete', 'partial']) &&
		(value.kind === 'folder') === (typeof value.name === 'string') &&
		(value.companions === undefined ||
			(Array.isArray(value.companions) && value.companions.every(isCompanion))) &&
		(value.base === undefined || isBase(value.base)) &&
		[value.startedAt, value.finishedAt].every((time) => typeof time === 'string') &&
		isObject(value.details) &&
		(value.frames === undefined ||
			areFramesOf(value.frames, Number(value.bytes), Number(value.contentBytes)))
	);
}

/** `<instance>/<time>`; the time is a folder's name and must not lead elsewhere. */
const SET_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/\d{8}T\d{6}Z$/;

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
	id: (value) => typeof value === 'string',
	instance: (value) => typeof value === 'string',
	state: (value) => isOneOf(value, SET_STATES),
	expected: (value) => Array.isArray(value) && value.every((kind) => isOneOf(kind, ARTIFACT_KINDS)),
	tool: (value) => isObject(value) && typeof value.name === 'string',
	createdAt: (value) => typeof value === 'string',
	updatedAt: (value) => typeof value === 'string',
	artifacts: (value) => Array.isArray(value) && value.every(isArtifact),
};

/**
 * Reads a manifest strictly; unknown further fields are ignored. Throws `manifest_invalid` naming the
 * field, also for a schema version of the future.
 */
export function parseManifest(text: string, displayPath: string): Manifest {
	const invalid = (what: string, remedy: string): EngineError =>
		new EngineError('manifest_invalid', `${displayPath} ${what}`, {
			remedy,
			details: { path: displayPath },
		});
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw invalid('is not JSON', 'It was changed or cut. Use another copy of the set.');
	}
	if (!isObject(value)) throw invalid('is not a manifest', 'Choose the folder of a backup set.');
	if (!MANIFEST_SCHEMA_VERSIONS.some((version) => version === value.schemaVersion)) {
		throw invalid(
			`has schema version ${String(value.schemaVersion)}, this version reads ${MANIFEST_SCHEMA_VERSIONS.join(' and ')}`,
			'Update the package n8n-nodes-caosdb.',
		);
	}
	for (const [field, isValid] of Object.entries(CHECKS)) {
		if (!isValid(value[field])) {
			throw invalid(`has no valid '${field}'`, 'It was changed. Use another copy of the set.');
		}
	}
	const manifest = value as unknown as Manifest;
	const follows = stateOf(manifest.expected, manifest.artifacts);
	if (manifest.state !== 'failed' && manifest.state !== follows) {
		throw invalid(
			`says '${manifest.state}', but what it lists is '${follows}'`,
			'It was changed. Use another copy of the set.',
		);
	}
	return manifest;
}
