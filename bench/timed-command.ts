import { mustRun } from '../test/servers/index.ts';

/** What a command (a pipeline of the shell) cost. */
export interface CommandCost {
	readonly wallMs: number;
	/** Of all its programs. */
	readonly cpuMs: number;
}

function quoted(word: string): string {
	return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words of a command as text for the shell. */
export function shellCommand(words: readonly string[]): string {
	return words.map(quoted).join(' ');
}

/** Runs a pipeline that must succeed as a whole. */
export async function timedCommand(pipeline: string): Promise<CommandCost> {
	const script = `set -o pipefail; TIMEFORMAT='%R %U %S'; time { ${pipeline}; } 2>/dev/null`;
	const said = await mustRun(['bash', '-c', `{ ${script}; } 2>&1`]);
	const [wall, user, system] = said.toString().trim().split(' ').map(Number);
	const [seconds, busy] = [wall ?? NaN, (user ?? NaN) + (system ?? NaN)];
	return { wallMs: seconds * 1000, cpuMs: busy * 1000 };
}
