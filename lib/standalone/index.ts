import type { Ports } from '../core/index.ts';
import { PlainHttp, type PlainHttpOptions } from './plain-http.ts';
import { FolderBinaryStore } from './folder-binary-store.ts';

export * from './plain-http.ts';
export * from './folder-binary-store.ts';

export interface PlainPortsOptions {
	/** Where binary files are read and written, e.g. the working folder. */
	readonly binaryFolder: string;
	/** The CaosDB server, for jobs that speak to one. */
	readonly http?: PlainHttpOptions;
}

/** Ports for a program without n8n: HTTP by Node.js, a folder of files, and no path is forbidden. */
export function plainPorts({ binaryFolder, http }: PlainPortsOptions): Ports {
	return {
		http: new PlainHttp(http ?? { baseUrl: 'http://localhost/' }),
		paths: { blocked: async (paths) => paths.map(() => false) },
		binary: new FolderBinaryStore(binaryFolder),
	};
}
