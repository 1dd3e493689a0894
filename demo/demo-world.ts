import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type N8nInstance, type N8nOptions, startN8n } from '../test/e2e/n8n-instance.ts';
import { importCredentials, importWorkflows } from '../test/e2e/workflow-run.ts';
import { type PrivateServer, type TestServer, startPrivateServer } from '../test/servers/index.ts';
import { loadSample, writeSampleFileRoot } from './sample/index.ts';
import { type SyncPair, openSyncPair, syncCredentials } from './sync.ts';
import { NIGHTLY, RESTORE, SYNC, shippedWorkflow } from './workflows.ts';

export const ACCOUNT = { database: 'caosdb', user: 'caosdb', password: 'caosdb-demo' } as const;

/** A sample CaosDB (database and file root) and an n8n that knows it. */
export interface DemoWorld {
	readonly folder: string;
	readonly fileRoot: string;
	readonly backupFolder: string;
	readonly server: TestServer;
	/** Two servers of entities, the second one empty. */
	readonly pair: SyncPair;
	readonly n8n: N8nInstance;
	/** Stops everything and removes all that was made. */
	close(): Promise<void>;
}

export type Say = (line: string) => void;

async function startDatabase(say: Say): Promise<PrivateServer> {
	say('Starting MariaDB 11.8 (fetched from Debian the first time)');
	return await startPrivateServer('mariadb11');
}

function credential({
	host,
	port,
}: TestServer['address']): Parameters<typeof importCredentials>[1][0] {
	const data = { connectBy: 'host', host, port, ...ACCOUNT, connectTimeout: 10_000, ssl: false };
	return { id: 'caosdbSqlDemo001', name: 'CaosDB SQL', type: 'caosDbSqlApi', data };
}

/** Builds the world in a temporary folder. The package must be built. */
export async function openDemoWorld(
	say: Say,
	options: Pick<N8nOptions, 'port'> = {},
): Promise<DemoWorld> {
	const folder = await mkdtemp(join(tmpdir(), 'caosdb-demo-'));
	const fileRoot = join(folder, 'caosroot');
	const userFolder = join(folder, 'n8n');
	const closers: (() => Promise<void>)[] = [
		async () => await rm(folder, { recursive: true, force: true }),
	];
	const close = async (): Promise<void> => {
		for (const closer of closers.reverse()) await closer();
	};
	try {
		const database = await startDatabase(say);
		closers.push(database.stop);
		say('Making a sample laboratory: 20,000 records, 240 uploads, 60 links');
		await mkdir(fileRoot);
		const files = await writeSampleFileRoot(fileRoot, join(folder, 'extroot'));
		await loadSample(database.server.address, ACCOUNT, files);
		say(
			"Filling a double of the CaosDB server as LinkAhead's demo server is filled, and an empty one",
		);
		const pair = await openSyncPair(folder);
		closers.push(pair.stop);
		say('Starting n8n (installed the first time: about four minutes)');
		const allowedFolders = [join(userFolder, '.n8n-files'), fileRoot];
		const n8n = await startN8n({ userFolder, allowedFolders, ...options });
		closers.push(n8n.stop);
		const credentials = [credential(database.server.address), ...syncCredentials(pair)];
		await importCredentials(n8n, credentials);
		await importWorkflows(n8n, [
			await shippedWorkflow(NIGHTLY, fileRoot),
			await shippedWorkflow(RESTORE, fileRoot),
			await shippedWorkflow(SYNC, fileRoot),
		]);
		const backupFolder = join(userFolder, '.n8n-files/caosdb-backups');
		return { folder, fileRoot, backupFolder, server: database.server, pair, n8n, close };
	} catch (error) {
		await close();
		throw error;
	}
}
