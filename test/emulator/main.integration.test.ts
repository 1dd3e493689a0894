import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { runPython } from './python-client.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const DEADLINE_MS = 60_000;

it('the command starts a laboratory that the official client can look at, and leaves nothing', async () => {
	const child = spawn(process.execPath, [MAIN, '--records', '50', '--port', '0'], {
		stdio: ['ignore', 'pipe', 'inherit'],
		timeout: DEADLINE_MS,
		killSignal: 'SIGKILL',
	});
	const exited = once(child, 'exit');
	let printed = '';
	child.stdout.setEncoding('utf8');
	const reading = (async () => {
		for await (const chunk of child.stdout) {
			printed += String(chunk);
			if (printed.includes('Press Ctrl+C')) child.emit('ready');
		}
	})();
	await Promise.race([once(child, 'ready'), exited]);
	const url = /http:\S+/.exec(printed)?.[0] ?? '';
	const root = /file root +(\S+)/.exec(printed)?.[1] ?? '';
	expect(existsSync(root)).toBe(true);
	const program = `import linkahead as db
db.configure_connection(url="${url}", username="admin", password="caosdb", password_method="plain")
print(db.execute_query("COUNT RECORD"), db.execute_query("COUNT FILE"))
file = db.execute_query("FIND FILE")[0]
file.download("copy")`;
	expect(await runPython(['-c', program], await temporaryFolder())).toContain('50 300');
	child.kill('SIGTERM');
	expect(await exited).toEqual([0, null]);
	await reading;
	expect(printed).toContain('GET FileSystem');
	expect(existsSync(root)).toBe(false);
});
