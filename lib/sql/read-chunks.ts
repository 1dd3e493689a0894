import { throwIfAborted, waitOrAbort } from '../core/index.ts';

/** The chunks of a source that may stop delivering: a cancel ends the wait for the next one. */
export async function* readChunks(
	chunks: AsyncIterable<Uint8Array>,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
	const source = chunks[Symbol.asyncIterator]();
	let ended = false;
	try {
		for (;;) {
			throwIfAborted(signal);
			const step = await waitOrAbort(source.next(), signal);
			if (step.done === true) {
				ended = true;
				return;
			}
			yield step.value;
		}
	} finally {
		// Not awaited: a source that hangs would hang here too.
		if (!ended) void source.return?.()?.catch(() => undefined);
	}
}
