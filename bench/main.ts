/*
 * npm run bench                      the names of the benches
 * npm run bench -- <name> [--quick]  runs one: a line `bar <name> <measured> <limit> ok|short` per bar
 *
 * Every bench measures the peer in the same run, because absolute times say little about another
 * machine. The exit code is 0 whether a bar is met or not, and 1 when the bench could not measure.
 */
import { cpus, totalmem } from 'node:os';

import { barLine } from './bar.ts';
import { BENCHES } from './benches.ts';

const GIB = 1024 ** 3;
const say = (line: string): void => console.log(line);

function machineLine(): string {
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / GIB);
	const date = new Date().toISOString().slice(0, 10);
	return `${date}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GiB, Node.js ${process.version}`;
}

const [name, ...rest] = process.argv.slice(2).filter((word) => word !== '--quick');
const quick = process.argv.includes('--quick');
const load = BENCHES[name ?? ''];

if (load === undefined || rest.length > 0) {
	say(`Usage: npm run bench -- <name> [--quick]\nBenches: ${Object.keys(BENCHES).join(', ')}`);
	process.exitCode = name === undefined ? 0 : 1;
} else {
	say(`${name}${quick ? ' (quick)' : ''}: ${machineLine()}`);
	try {
		const bench = await load();
		for (const bar of await bench({ quick, say })) say(barLine(bar));
	} catch (error) {
		say(error instanceof Error ? (error.stack ?? error.message) : String(error));
		process.exitCode = 1;
	}
}
