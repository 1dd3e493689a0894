import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

import {
	type ArtifactEntry,
	type BackupSet,
	Companions,
	type WrittenFile,
	compressedMimeType,
	writeFile,
} from '../artifact/index.ts';
import { type JobContext, cancelledError, toEngineError } from '../core/index.ts';
import {
	type ArtifactPlan,
	type OpenContent,
	type StoredArtifact,
	defaultName,
} from './artifact-plan.ts';

interface Stored {
	readonly entry: ArtifactEntry;
	readonly written: WrittenFile;
}

/** Writes the artifact and the files beside it; nothing of them is left after a failure. */
async function writeToSet(
	set: BackupSet,
	plan: ArtifactPlan,
	open: OpenContent,
	context: JobContext,
): Promise<Stored> {
	const startedAt = new Date();
	const { folder } = set;
	const { compression, verify, framed, stem } = plan;
	const { signal } = context;
	const companions = new Companions({ folder, stem, time: startedAt, compression, verify, signal });
	const fileName = defaultName(plan, startedAt);
	let written: WrittenFile | undefined;
	try {
		const content = await open({
			folder,
			instance: set.manifest.instance,
			companion: (companion) => companions.open(companion),
		});
		const options = { folder, fileName, compression, verify, framed, overwrite: false, signal };
		written = await writeFile(content.chunks, options);
		const beside = await companions.end();
		const { artifacts } = set.manifest;
		await content.beforeListed?.({ folder, artifacts, companions: beside });
		const base = content.base?.();
		const entry: ArtifactEntry = {
			kind: plan.kind,
			...(plan.name === undefined ? {} : { name: plan.name }),
			file: written.fileName,
			status: content.status?.() ?? 'complete',
			bytes: written.bytes,
			sha256: written.sha256,
			contentBytes: written.content.bytes,
			contentSha256: written.content.sha256,
			compression,
			...(beside.length === 0 ? {} : { companions: beside }),
			...(base === undefined ? {} : { base }),
			...(written.frames === undefined ? {} : { frames: written.frames }),
			startedAt: startedAt.toISOString(),
			finishedAt: new Date().toISOString(),
			details: content.details(),
		};
		return { entry, written };
	} catch (error) {
		await companions.discard();
		if (written !== undefined) await unlink(join(folder.path, fileName)).catch(() => undefined);
		throw error;
	}
}

/** Adds an artifact to a set: written, verified, compared and listed, or nothing of it. */
export async function storeInSet(
	set: BackupSet,
	plan: ArtifactPlan,
	open: OpenContent,
	context: JobContext,
): Promise<StoredArtifact> {
	try {
		const { entry, written } = await writeToSet(set, plan, open, context);
		const { state, instance } = await set.add(entry);
		return {
			...written,
			mimeType: compressedMimeType(plan.compression.kind, plan.mimeType),
			backupSet: set.folder.displayPath,
			setState: state,
			instance,
		};
	} catch (error) {
		const failure = context.signal.aborted ? cancelledError(context.signal) : toEngineError(error);
		// A set that cannot even be marked (the disk is full) stays without this artifact all the same.
		await set.fail(plan.kind, failure).catch(() => undefined);
		throw failure;
	}
}
