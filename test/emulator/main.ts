/*
 * npm run emulator                      a double of the CaosDB server with a made-up laboratory; Ctrl+C ends it
 * npm run emulator -- --records 100000  with so many records (default 2000)
 * npm run emulator -- --port 8000       on that port (default 10080, or any free one)
 * npm run emulator -- --ids string      with ids that are no numbers, and no laboratory
 * npm run emulator -- --empty           with no laboratory
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { portIfFree } from '../servers/free-port.ts';
import { ADMIN, type Emulator, type EmulatorOptions, startEmulator } from './index.ts';
import { laboratoryState } from './laboratory-state.ts';

const DEFAULT_PORT = 10_080;
const say = (line: string): void => console.log(line);

const { values: given } = parseArgs({
	options: {
		records: { type: 'string', default: '2000' },
		port: { type: 'string' },
		ids: { type: 'string', default: 'numeric' },
		empty: { type: 'boolean', default: false },
	},
});

function describe({ url, folder, store }: Emulator): string {
	return `
A double of the CaosDB server is ready:   ${url}
  user        ${ADMIN.name}
  password    ${ADMIN.password}
  file root   ${folder}
  entities    ${store.size}

With the official Python client:

  import linkahead as db
  db.configure_connection(url="${url}", username="${ADMIN.name}",
                          password="${ADMIN.password}", password_method="plain")
  print(db.execute_query("FIND RECORD Messung WITH freigegeben=TRUE"))

Press Ctrl+C to end it and remove all that it made.`;
}

async function options(home: string): Promise<EmulatorOptions> {
	const folder = join(home, 'caosroot');
	const port = given.port === undefined ? await portIfFree(DEFAULT_PORT) : Number(given.port);
	const base = { folder, port: port ?? 0 };
	if (given.ids === 'string') return { ...base, ids: 'string' };
	if (given.empty) return base;
	const state = await laboratoryState(folder, join(home, 'extroot'), Number(given.records));
	return { ...base, state };
}

const home = await mkdtemp(join(tmpdir(), 'caosdb-emulator-'));
try {
	const emulator = await startEmulator(await options(home));
	say(describe(emulator));
	await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
	say(`\nTime inside the server by kind of request:\n${emulator.times.text()}`);
	await emulator.stop();
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
} finally {
	await rm(home, { recursive: true, force: true });
}
