import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type RunOutcome, executeByCli } from '../test/e2e/workflow-run.ts';
import { contentDifferences as entityDifferences } from '../test/emulator/same-content.ts';
import { contentDifferences, databaseContent } from '../test/servers/index.ts';
import { copyTree, treeDifferences } from '../test/tree/compare-trees.ts';
import { ACCOUNT, type DemoWorld, type Say } from './demo-world.ts';
import { NIGHTLY, RESTORE, SYNC, shippedWorkflow } from './workflows.ts';

async function runWorkflow(
	{ n8n, fileRoot }: DemoWorld,
	name: string,
	say: Say,
): Promise<RunOutcome> {
	const { id, name: title } = await shippedWorkflow(name, fileRoot);
	say(`Running the workflow '${title}'`);
	const outcome = await executeByCli(n8n, id);
	if (outcome.status !== 'success')
		throw new Error(outcome.error ?? `The run is ${outcome.status}`);
	for (const { summary } of Object.values(outcome.json)) {
		if (typeof summary === 'string') say(`  ${summary}`);
	}
	return outcome;
}

async function wipe({ server, fileRoot }: DemoWorld): Promise<void> {
	await server.dropDatabase(ACCOUNT.database);
	for (const name of await readdir(fileRoot)) {
		await rm(join(fileRoot, name), { recursive: true, force: true });
	}
}

/** Brings all entities of one server to the other, and then again: nothing is left to do. */
async function syncTwice(world: DemoWorld, say: Say): Promise<string[]> {
	const { source, target } = world.pair;
	await runWorkflow(world, SYNC, say);
	const { revision } = target.store;
	await runWorkflow(world, SYNC, say);
	const repeated = target.store.revision === revision ? [] : ['The second sync wrote something'];
	return [...entityDifferences(source, target), ...repeated];
}

/**
 * Back up, destroy, restore, compare; then sync, and sync again. Returns what differs afterwards: nothing, if all is well.
 */
export async function runOnce(world: DemoWorld, say: Say): Promise<string[]> {
	const { server, fileRoot, folder } = world;
	const before = await databaseContent(server, ACCOUNT.database);
	const copy = join(folder, 'copy-of-caosroot');
	await copyTree(fileRoot, copy);
	await runWorkflow(world, NIGHTLY, say);
	say('Wiping the database and the file root');
	await wipe(world);
	await runWorkflow(world, RESTORE, say);
	say('Comparing every cell, every routine, every file');
	const after = await databaseContent(server, ACCOUNT.database);
	return [
		...contentDifferences(before, after),
		...treeDifferences(copy, fileRoot),
		...(await syncTwice(world, say)),
	];
}
