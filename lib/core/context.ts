import type { Ports } from './ports.ts';
import type { ProgressSink } from './progress.ts';

/** What every engine call gets beside its options. */
export interface EngineContext {
	/** Aborted when the run is cancelled; the engine cleans up and rejects with `cancelled`. */
	readonly signal: AbortSignal;
	readonly progress: ProgressSink;
}

/** What a whole job gets: the engines' context and the ports to the surroundings. */
export interface JobContext extends EngineContext {
	readonly ports: Ports;
}
