import { Readable } from 'node:stream';

import { EngineError } from '../../core/index.ts';

function silent(timeoutMs: number): EngineError {
	const seconds = Math.round(timeoutMs / 1000);
	return new EngineError('http_failed', `The CaosDB server was silent for ${seconds} s`, {
		remedy: 'Look at the load of the server and at what lies between, then run again.',
		details: { timeoutMs },
	});
}

async function* watched(body: Readable, timeoutMs: number): AsyncGenerator<Uint8Array> {
	const timer = setTimeout(() => body.destroy(silent(timeoutMs)), timeoutMs);
	try {
		for await (const chunk of body as AsyncIterable<Uint8Array>) {
			clearTimeout(timer);
			yield chunk;
			timer.refresh();
		}
	} catch (error) {
		if (error instanceof EngineError) throw error;
		throw new EngineError('http_failed', 'The connection ended inside the answer', {
			remedy: 'Look at the server and at what lies between, then run again.',
			cause: error,
		});
	} finally {
		clearTimeout(timer);
	}
}

/** The same bytes; fails when the sender says nothing for so long, or ends the connection early. */
export function watchedBody(body: Readable, timeoutMs: number): Readable {
	const stream = Readable.from(watched(body, timeoutMs), { objectMode: false });
	stream.on('close', () => body.destroy());
	body.on('error', () => undefined);
	return stream;
}
