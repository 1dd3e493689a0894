import type { Ports } from '../core/index.ts';
import { FetchHttp, type FetchHttpOptions } from './fetch-http.ts';
import { FolderBinaryStore } from './folder-binary-store.ts';

export * from './fetch-http.ts';
export * from './folder-binary-store.ts';

export interface PlainPortsOptions {
	/** Where binary files are read and written, e.g. the working folder. */
	readonly binaryFolder: string;
	/** The CaosDB server, for jobs that speak to one. */
	readonly http?: FetchHttpOptions;
}

/** Ports for a program without n8n: `fetch`, a folder of files, and no path is forbidden. */
export function plainPorts({ binaryFolder, http }: PlainPortsOptions): Ports {
	return {
		http: new FetchHttp(http ?? { baseUrl: 'http://localhost/' }),
		paths: { blocked: async (paths) => paths.map(() => false) },
		binary: new FolderBinaryStore(binaryFolder),
	};
}
