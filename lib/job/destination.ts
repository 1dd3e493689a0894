import { join } from 'node:path';
import { Readable } from 'node:stream';

import {
	type ArtifactKind,
	type ByteDigest,
	type Folder,
	HashTap,
	acquireLock,
	checkFileName,
	compressedMimeType,
	createBackupSet,
	digestOf,
	joinBackupSet,
	packContent,
	readArtifact,
	writeFile,
} from '../artifact/index.ts';
import { type ByteChunk, EngineError, type JobContext, cancelledError } from '../core/index.ts';
import {
	type ArtifactPlan,
	type OpenContent,
	type StoredArtifact,
	defaultName,
} from './artifact-plan.ts';
import { storeInSet } from './store-in-set.ts';

/** Where a backup job puts what it makes. Folders exist, are allowed, and are held open by the caller. */
export type Destination =
	| {
			readonly kind: 'newSet';
			readonly backups: Folder;
			readonly instance: string;
			readonly expected: readonly ArtifactKind[];
	  }
	| { readonly kind: 'joinSet'; readonly set: Folder }
	| {
			readonly kind: 'file';
			readonly folder: Folder;
			/** Absent: a name made of the kind and the time. */
			readonly fileName?: string;
			readonly overwrite: boolean;
	  }
	| { readonly kind: 'binary'; readonly fileName?: string };

async function storeInFile(
	destination: Extract<Destination, { kind: 'file' }>,
	plan: ArtifactPlan,
	open: OpenContent,
	context: JobContext,
): Promise<StoredArtifact> {
	const { folder, overwrite } = destination;
	const fileName = checkFileName(destination.fileName ?? defaultName(plan, new Date()));
	const displayPath = join(folder.displayPath, fileName);
	// The partial file of a dead run would block this one for ever, so whoever holds the lock clears it.
	const lock = await acquireLock(join(folder.path, `.${fileName}.lock`), displayPath);
	try {
		const content = await open();
		const written = await writeFile(content.chunks, {
			folder,
			fileName,
			compression: plan.compression,
			verify: plan.verify,
			framed: plan.framed,
			overwrite,
			replacePartial: true,
			signal: context.signal,
		});
		content.details();
		return { ...written, mimeType: compressedMimeType(plan.compression.kind, plan.mimeType) };
	} finally {
		await lock.release();
	}
}

/** Packs the content on its way into n8n's binary store. */
async function writeToStore(
	plan: ArtifactPlan,
	file: { readonly fileName: string; readonly mimeType: string },
	chunks: AsyncIterable<ByteChunk>,
	context: JobContext,
): Promise<{ id: string; stored: ByteDigest; content: ByteDigest }> {
	const content = new HashTap();
	const stored = new HashTap();
	const packed = packContent(content.tap(chunks), plan.compression, plan.framed);
	const out = Readable.from(stored.tap(packed.chunks), { objectMode: false });
	const abort = (): void => void out.destroy(cancelledError(context.signal));
	context.signal.addEventListener('abort', abort, { once: true });
	try {
		const { id } = await context.ports.binary.write(out, file);
		return { id, stored: await stored.result(), content: await content.result() };
	} finally {
		context.signal.removeEventListener('abort', abort);
		out.destroy();
	}
}

async function storeInBinary(
	destination: Extract<Destination, { kind: 'binary' }>,
	plan: ArtifactPlan,
	open: OpenContent,
	context: JobContext,
): Promise<StoredArtifact> {
	const fileName = checkFileName(destination.fileName ?? defaultName(plan, new Date()));
	const mimeType = compressedMimeType(plan.compression.kind, plan.mimeType);
	const content = await open();
	const written = await writeToStore(plan, { fileName, mimeType }, content.chunks, context);
	content.details();
	if (plan.verify) {
		const openBytes = async (): Promise<Readable> => await context.ports.binary.read(written.id);
		const reading = readArtifact(openBytes, context.signal, written.stored);
		const { sha256 } = await digestOf(reading.chunks);
		if (sha256 !== written.content.sha256) {
			throw new EngineError('artifact_corrupt', `${fileName} was not stored as it was written`, {
				remedy: "n8n's binary store or the memory of this machine is faulty.",
			});
		}
	}
	return { fileName, mimeType, binaryId: written.id, content: written.content, ...written.stored };
}

/**
 * Carries an artifact to its destination: whole, verified and listed, or not at all. The destination is
 * checked and taken before the first byte is made.
 */
export async function storeArtifact(
	destination: Destination,
	plan: ArtifactPlan,
	open: OpenContent,
	context: JobContext,
): Promise<StoredArtifact> {
	switch (destination.kind) {
		case 'newSet':
			return await storeInSet(await createBackupSet(destination), plan, open, context);
		case 'joinSet': {
			const set = await joinBackupSet(destination.set, plan.kind, plan.name);
			return await storeInSet(set, plan, open, context);
		}
		case 'file':
			return await storeInFile(destination, plan, open, context);
		case 'binary':
			return await storeInBinary(destination, plan, open, context);
	}
}
