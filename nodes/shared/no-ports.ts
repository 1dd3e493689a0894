import { EngineError, type Ports } from '../../lib/core/index.ts';

function unavailable(): never {
	throw new EngineError('internal', 'This job needs neither files nor HTTP');
}

/** For jobs that only ask a server: tests of credentials, lists in the editor. */
export const NO_PORTS: Ports = {
	http: { request: async () => unavailable() },
	paths: { blocked: async () => unavailable() },
	binary: { read: async () => unavailable(), write: async () => unavailable() },
};
