import type { Readable } from 'node:stream';

import { EngineError, type HttpResponse, type Ports, type StoredBinary } from '../core/index.ts';
import type { Link } from './link.ts';

/** No path has it. One long text crosses in a tenth of the time that many short ones take. */
const BETWEEN_PATHS = '\0';

/** Main thread: answers a worker's calls with the real ports. The table is the closed list of calls. */
export function servePorts(
	ports: Ports,
): (target: string, args: readonly unknown[]) => Promise<unknown> {
	const table: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
		'http.request': ports.http.request.bind(ports.http),
		'paths.blocked': async (paths: string) => await ports.paths.blocked(paths.split(BETWEEN_PATHS)),
		'binary.read': ports.binary.read.bind(ports.binary),
		'binary.write': ports.binary.write.bind(ports.binary),
	};
	return async (target, args) => {
		const method = table[target];
		if (method === undefined) throw new EngineError('internal', `There is no port '${target}'`);
		return await method(...(args as never[]));
	};
}

/** Worker: the same interfaces, every call of which crosses to the main thread. */
export function remotePorts(link: Link): Ports {
	return {
		http: {
			request: async (request) => (await link.call('http.request', request)) as HttpResponse,
		},
		paths: {
			blocked: async (paths) => {
				if (paths.length === 0) return [];
				const joined = paths.join(BETWEEN_PATHS);
				return (await link.call('paths.blocked', joined)) as readonly boolean[];
			},
		},
		binary: {
			read: async (id) => (await link.call('binary.read', id)) as Readable,
			write: async (content, file) =>
				(await link.call('binary.write', content, file)) as StoredBinary,
		},
	};
}
