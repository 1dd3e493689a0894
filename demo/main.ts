/*
 * npm run demo            a sample CaosDB and n8n with the package, to click through; Ctrl+C ends it
 * npm run demo -- --once  back up, wipe, restore, compare, sync; exit code 0 only when all is equal
 */
import { once } from 'node:events';

import { OWNER } from '../test/e2e/n8n-instance.ts';
import { portIfFree } from '../test/servers/free-port.ts';
import { buildPackage } from './build.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { runOnce } from './once.ts';
import { SYNC_ACCOUNT } from './sync.ts';

const say = (line: string): void => console.log(line);
const isOnce = process.argv.includes('--once');
const N8N_PORT = 5678;

async function waitForEnd(world: DemoWorld): Promise<void> {
	const { n8n, fileRoot, backupFolder, server, pair } = world;
	say(`
n8n is ready:   ${n8n.url}
  e-mail        ${OWNER.email}
  password      ${OWNER.password}

Open the workflow 'CaosDB Nightly Backup' and press 'Execute workflow'. To see a restore, empty the
file root, drop the database, and run 'CaosDB Restore of the Newest Backup Set'.

  file root     ${fileRoot}
  backup sets   ${backupFolder}
  database      mysql://caosdb:caosdb-demo@${server.address.host}:${server.address.port}/caosdb

Open 'CaosDB Sync of Entities' and press 'Execute workflow': what is on the first server goes to the
second. Publish it, and every change follows within a minute.

  from          ${pair.source.url}
  to            ${pair.target.url}
  user          ${SYNC_ACCOUNT.name}, password ${SYNC_ACCOUNT.password}

Press Ctrl+C to end the demo and remove all that it made.`);
	await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
	say('Ending the demo');
}

async function compareOnce(world: DemoWorld): Promise<void> {
	const differences = await runOnce(world, say);
	if (differences.length === 0) {
		say(
			'Equal: the restored database and file root are what was backed up, and both servers have the same entities.',
		);
		return;
	}
	say(`Different in ${differences.length} places:`);
	for (const line of differences.slice(0, 50)) say(`  ${line.slice(0, 300)}`);
	process.exitCode = 1;
}

try {
	say('Building the package');
	await buildPackage();
	const port = isOnce ? undefined : await portIfFree(N8N_PORT);
	const world = await openDemoWorld(say, port === undefined ? {} : { port });
	try {
		await (isOnce ? compareOnce(world) : waitForEnd(world));
	} finally {
		await world.close();
	}
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
