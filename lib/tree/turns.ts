import { setImmediate as immediate } from 'node:timers/promises';

import { throwIfAborted } from '../core/index.ts';

/** A cancel, like everything else from outside, arrives only between two turns of the event loop. */
const TURN_MS = 25;

/** Lets work of synchronous calls notice a cancel, at a price that does not matter. */
export class Turns {
	readonly #signal: AbortSignal;
	#since = performance.now();

	constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	get isDue(): boolean {
		return performance.now() - this.#since > TURN_MS;
	}

	/** Throws `cancelled`. */
	async take(): Promise<void> {
		await this.pass();
		throwIfAborted(this.#signal);
	}

	/** For work that must not end half: a cancel is not heeded. */
	async pass(): Promise<void> {
		await immediate();
		this.#since = performance.now();
	}
}
