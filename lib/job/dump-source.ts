import { type ArtifactReading, readArtifact } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type DumpCheck, type ExpectedContent, checkDump } from '../sql/index.ts';
import { expectedContent } from './expected-content.ts';
import { type OpenedSource, type Source, openSource } from './source.ts';

/** A dump that was read to its end once: whole, with its checksum as promised. */
export interface DumpSource {
	readonly source: OpenedSource;
	readonly expected: ExpectedContent | undefined;
	readonly check: DumpCheck;
	/** `the dump itself` or `its manifest`, for sentences. */
	readonly comparedWith: string;
}

/** Reads everything once before anything is changed: checksum, compression, statements, last line. */
export async function readDumpSource(
	given: Source,
	options: { readonly requireEnd?: boolean },
	context: JobContext,
): Promise<DumpSource> {
	const source = await openSource(given, 'sql', context);
	const expected = source.artifact === undefined ? undefined : expectedContent(source.artifact);
	const reading = readArtifact(source.openBytes, context.signal, source.artifact);
	const check = await checkDump(reading.chunks, context, options);
	reading.assertEnded();
	const comparedWith = expected === undefined ? 'the dump itself' : 'its manifest';
	return { source, expected, check, comparedWith };
}

/** Opens the dump for a second reading. */
export function openDump({ source }: DumpSource, context: JobContext): ArtifactReading {
	return readArtifact(source.openBytes, context.signal, source.artifact);
}
