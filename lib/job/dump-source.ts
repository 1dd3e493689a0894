import { type ArtifactEntry, FrameFile, readArtifact } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type DumpCheck, type ExpectedContent, type FramedDump, checkDump } from '../sql/index.ts';
import { expectedContent, manifestCheck } from './expected-content.ts';
import { type OpenedSource, type Source, openSource } from './source.ts';

/** A dump that was read to its end once: whole, with its checksum as promised. */
export interface DumpSource {
	readonly source: OpenedSource;
	readonly expected: ExpectedContent | undefined;
	readonly check: DumpCheck;
	/** `the dump itself` or `its manifest`, for sentences. */
	readonly comparedWith: string;
	/** Of a set whose manifest lists them; held open, so it is still the file that was read. */
	readonly frames?: FrameFile;
}

/** A dump as an engine reads it. */
export type DumpReading = (
	{ readonly chunks: AsyncIterable<Uint8Array> } | { readonly framed: FramedDump }
) & {
	/** Throws `internal` unless the dump was read to its end. */
	assertEnded(): void;
};

/** Reads everything once before anything is changed: checksum, compression, statements, last line. */
export async function readDumpSource(
	given: Source,
	options: { readonly requireEnd?: boolean },
	context: JobContext,
): Promise<DumpSource> {
	const source = await openSource(given, 'sql', context);
	return await lookThrough(source, options, context);
}

/**
 * Does `work` with a dump whose stored bytes are what the manifest promises. Only a dump without a list of
 * frames is unpacked and lexed first: what a set holds was read back when it was made.
 */
export async function withDumpSource<T>(
	given: Source,
	options: { readonly requireEnd?: boolean },
	context: JobContext,
	work: (dump: DumpSource) => Promise<T>,
): Promise<T> {
	const source = await openSource(given, 'sql', context);
	const { file, artifact } = source;
	const check = artifact === undefined ? undefined : manifestCheck(artifact);
	if (file === undefined || artifact === undefined || check === undefined) {
		return await work(await lookThrough(source, options, context));
	}
	const frames = await FrameFile.open(file.path, file.displayPath, artifact);
	try {
		context.progress.report({ phase: 'check', done: 0, total: artifact.bytes, unit: 'bytes' });
		await frames.prove(artifact, context.signal);
		return await work({ ...describe(artifact), source, check, frames });
	} finally {
		await frames.close();
	}
}

async function lookThrough(
	source: OpenedSource,
	options: { readonly requireEnd?: boolean },
	context: JobContext,
): Promise<DumpSource> {
	const described = describe(source.artifact);
	const reading = readArtifact(source.openBytes, context.signal, source.artifact);
	const check = await checkDump(reading.chunks, context, options);
	reading.assertEnded();
	return { ...described, source, check };
}

function describe(
	artifact: ArtifactEntry | undefined,
): Pick<DumpSource, 'expected' | 'comparedWith'> {
	return artifact === undefined
		? { expected: undefined, comparedWith: 'the dump itself' }
		: { expected: expectedContent(artifact), comparedWith: 'its manifest' };
}

/** Opens the dump for a second reading. */
export function openDump({ source, frames }: DumpSource, context: JobContext): DumpReading {
	if (frames !== undefined) return { framed: frames, assertEnded: () => undefined };
	return readArtifact(source.openBytes, context.signal, source.artifact);
}
