import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

import { onTestFinished } from 'vitest';

/**
 * Lets something happen right after bytes of a file were read, the n-th time that it is opened and read.
 * For as long as the test runs.
 */
export function whileRead(path: string, happens: (time: number) => void): { times: () => number } {
	const original = fs.readSync;
	const originalOpen = fs.openSync;
	let times = 0;
	let watched: number | undefined;
	const openSync: typeof fs.openSync = (...args) => {
		const fd = originalOpen(...args);
		if (String(args[0]) === path) watched = fd;
		else if (fd === watched) watched = undefined;
		return fd;
	};
	const readSync = (...args: Parameters<typeof fs.readSync>): number => {
		const count = original(...args);
		if (args[0] !== watched) return count;
		watched = undefined;
		happens(++times);
		return count;
	};
	const replace = (functions: object): void => {
		Object.assign(fs, functions);
		syncBuiltinESMExports();
	};
	replace({ openSync, readSync });
	onTestFinished(() => replace({ openSync: originalOpen, readSync: original }));
	return { times: () => times };
}
