import { once } from 'node:events';

import { type Assignment, carryOut } from './fault-work.ts';

/*
 * The engine in a process of its own, so that a test can kill it. It waits for what to do on its standard
 * input, as one chunk of JSON, so that a test can start it ahead.
 */
async function main(): Promise<void> {
	process.stdout.write('ready');
	const [line] = (await once(process.stdin, 'data')) as [Buffer];
	process.stdin.destroy();
	await carryOut(JSON.parse(line.toString()) as Assignment);
}

void main().catch((error: unknown) => {
	process.stderr.write(`${String(error)}\n`, () => process.exit(1));
});
