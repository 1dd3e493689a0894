import type { TestProject } from 'vitest/node';

import { namedServer } from './named-server.ts';
import { type PrivateServer, startPrivateServer } from './private-server.ts';
import { SERVER_IDS, SERVER_KINDS, type ServerId } from './server-software.ts';
import type { ServerAddress } from './test-server.ts';

declare module 'vitest' {
	interface ProvidedContext {
		servers: readonly ServerAddress[];
	}
}

interface Started {
	readonly address: ServerAddress;
	readonly owned?: PrivateServer;
}

async function start(id: ServerId): Promise<Started> {
	const named = await namedServer(id);
	if (named !== undefined) return { address: named.address };
	const owned = await startPrivateServer(id, { inMemory: true });
	return { address: owned.server.address, owned };
}

let started: Promise<readonly Started[]> | undefined;
let users = 0;

/** All three, or an error: a run without one of them would prove less than it says. */
async function startAll(): Promise<readonly Started[]> {
	const outcomes = await Promise.allSettled(SERVER_IDS.map(start));
	const failed = outcomes.flatMap((outcome, index) =>
		outcome.status === 'rejected' ? [`${SERVER_IDS[index] ?? ''}: ${String(outcome.reason)}`] : [],
	);
	const up = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
	if (failed.length > 0) {
		await Promise.all(up.map(async ({ owned }) => await owned?.stop()));
		const variables = SERVER_IDS.map((id) => SERVER_KINDS[id].variable).join(', ');
		throw new Error(
			`The tests need three database servers.\n${failed.join('\n')}\n` +
				`Name servers of your own by ${variables} (e.g. mysql://root:password@127.0.0.1:3306).`,
		);
	}
	const texts = up.map(({ address }) => `${address.id} ${address.version} (${address.source})`);
	console.log(`servers: ${texts.join(', ')}`);
	return up;
}

/** Vitest's global set-up: starts the servers once for all projects of a run. */
export async function setup(project: TestProject): Promise<void> {
	users++;
	started ??= startAll();
	project.provide(
		'servers',
		(await started).map(({ address }) => address),
	);
}

export async function teardown(): Promise<void> {
	if (--users > 0) return;
	const servers = await started?.catch(() => []);
	started = undefined;
	await Promise.all((servers ?? []).map(async ({ owned }) => await owned?.stop()));
}
