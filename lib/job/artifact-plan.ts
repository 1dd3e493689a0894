import {
	type ArtifactEntry,
	type ArtifactKind,
	type BaseEntry,
	type ByteDigest,
	type CompanionEntry,
	type CompanionPlan,
	type Compression,
	type Folder,
	type Frame,
	type SetState,
	compressionSuffix,
	timestamp,
} from '../artifact/index.ts';
import type { ByteChunk, ByteSink } from '../core/index.ts';

/** What is being made: its name until the compression's suffix is added, and its plain MIME type. */
export interface ArtifactPlan {
	readonly kind: ArtifactKind;
	/** Of a folder. */
	readonly name?: string;
	/** e.g. `caosdb` in `caosdb.20261122T203000Z.dump.sql.zst`. */
	readonly stem: string;
	/** e.g. `.dump.sql`. */
	readonly extension: string;
	readonly mimeType: string;
	readonly compression: Compression;
	readonly verify: boolean;
	/** Whether the content marks frames; the manifest then lists them. */
	readonly framed: boolean;
}

/** What a destination made of the bytes. */
export interface StoredArtifact extends ByteDigest {
	readonly fileName: string;
	/** Absent in n8n's binary store. */
	readonly path?: string;
	readonly content: ByteDigest;
	readonly frames?: readonly Frame[];
	readonly binaryId?: string;
	readonly mimeType: string;
	readonly backupSet?: string;
	readonly setState?: SetState;
	readonly instance?: string;
}

export interface ArtifactContent {
	readonly chunks: AsyncIterable<ByteChunk>;
	/** Called after the end of `chunks`: for the manifest. */
	readonly details: () => Readonly<Record<string, unknown>>;
	/** Called after the end of `chunks`; `partial` when something was left out. Absent: `complete`. */
	readonly status?: () => ArtifactEntry['status'];
	/**
	 * Called when everything is in the set but not yet listed, before `details` and `status`: to compare it
	 * with what is there already. Throws to give up.
	 */
	readonly beforeListed?: (set: WrittenSet) => Promise<void>;
	/** Of an incremental archive: what it builds on. Called after the end of `chunks`. */
	readonly base?: () => BaseEntry | undefined;
}

/** A set with all files that a run has written to it. */
export interface WrittenSet {
	readonly folder: Folder;
	readonly artifacts: readonly ArtifactEntry[];
	/** Those of the artifact that is not listed yet. */
	readonly companions: readonly CompanionEntry[];
}

/** The set that content is made for. */
export interface SetAtHand {
	readonly folder: Folder;
	readonly instance: string;
	/** Begins a small file beside the artifact. */
	companion(plan: CompanionPlan): ByteSink;
}

/** Makes the content; called once, after the destination is known to be usable. `set`: if it is one. */
export type OpenContent = (set?: SetAtHand) => Promise<ArtifactContent>;

/** The name of a file that was begun at `time`. */
export function defaultName({ stem, extension, compression }: ArtifactPlan, time: Date): string {
	return `${stem}.${timestamp(time)}${extension}${compressionSuffix(compression.kind)}`;
}
