import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Preloaded into a process that is to die: it kills itself, as `kill -9` does, right before the n-th
 * call that changes the file system (KILL_AT).
 */

const CALLS = [
	'chmodSync',
	'fsyncSync',
	'mkdirSync',
	'renameSync',
	'rmSync',
	'rmdirSync',
	'symlinkSync',
	'unlinkSync',
	'utimesSync',
	'writeFileSync',
	'writeSync',
] as const;

let left = Number(process.env.KILL_AT);
const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const name of CALLS) {
	const original = functions[name];
	if (original === undefined) throw new Error(`node:fs has no ${name}`);
	functions[name] = (...args) => {
		if (--left === 0) process.kill(process.pid, 'SIGKILL');
		return original(...args);
	};
}
syncBuiltinESMExports();
