import { EngineError } from './errors.ts';

/** The error of a cancelled job. Every engine ends with this one when its signal is aborted. */
export function cancelledError(signal?: AbortSignal): EngineError {
	return new EngineError('cancelled', 'The run was cancelled', {
		remedy: 'Nothing is left behind. Run it again when you are ready.',
		cause: signal?.reason,
	});
}

/** Call on entry and in loops: nothing is modified after a cancel. */
export function throwIfAborted(signal: AbortSignal): void {
	if (signal.aborted) throw cancelledError(signal);
}

/**
 * Waits for `work`, or rejects with `cancelled` as soon as the signal is aborted. `onAbort` starts the
 * actual stopping (kill a query, destroy a stream); what `work` does after that is not lost: its
 * late rejection is swallowed here because the cancel is the answer.
 */
export async function waitOrAbort<T>(
	work: Promise<T>,
	signal: AbortSignal,
	onAbort?: () => void,
): Promise<T> {
	if (signal.aborted) {
		onAbort?.();
		work.catch(() => undefined);
		throw cancelledError(signal);
	}
	let abort: () => void = () => undefined;
	const aborted = new Promise<never>((_resolve, reject) => {
		abort = () => {
			onAbort?.();
			reject(cancelledError(signal));
		};
		signal.addEventListener('abort', abort, { once: true });
	});
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', abort);
		work.catch(() => undefined);
	}
}
