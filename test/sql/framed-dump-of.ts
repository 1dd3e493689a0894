import { type ByteChunk } from '../../lib/core/index.ts';
import {
	type DumpContentOptions,
	type DumpFrame,
	type DumpSummary,
	type FramedDump,
	dumpDatabase,
} from '../../lib/sql/index.ts';
import type { TestServer } from '../servers/index.ts';
import { TOOL, context, endpointOf } from './sql-session.ts';

/** A dump with its frames as a set would list them. */
export interface DumpInFrames {
	readonly sql: Buffer;
	readonly summary: DumpSummary;
	readonly framed: FramedDump;
}

/** Dumps a database and keeps the frames; `onRead` is told of each before it is handed out. */
export async function dumpInFrames(
	server: TestServer,
	database: string,
	content: DumpContentOptions = {},
	onRead: (frame: DumpFrame, index: number) => Promise<void> = async () => await Promise.resolve(),
): Promise<DumpInFrames> {
	const endpoint = endpointOf(server);
	const source = await dumpDatabase({ endpoint, database, tool: TOOL, content }, context());
	const frames: Array<DumpFrame & { readonly bytes: Buffer }> = [];
	let open: ByteChunk[] = [];
	for await (const chunk of source.chunks) {
		open.push(chunk);
		if (chunk.frameEnd === undefined) continue;
		const bytes = Buffer.concat(open);
		frames.push({ ...chunk.frameEnd, contentBytes: bytes.length, bytes });
		open = [];
	}
	const framed = {
		frames,
		async *read(from: number, to: number) {
			for (const [index, frame] of frames.entries()) {
				if (index < from || index >= to) continue;
				await onRead(frame, index);
				yield frame.bytes;
			}
		},
	};
	const sql = Buffer.concat(frames.map(({ bytes }) => bytes));
	return { sql, summary: source.summary(), framed };
}
