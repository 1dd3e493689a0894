import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { startDemoEmulator } from '../test/emulator/fill-with-demo.ts';
import { type Emulator, startEmulator } from '../test/emulator/index.ts';
import type { CredentialJson } from '../test/e2e/workflow-run.ts';

/** Two doubles of the CaosDB server: one like LinkAhead's own demo server, one that is empty. */
export interface SyncPair {
	readonly source: Emulator;
	readonly target: Emulator;
	stop(): Promise<void>;
}

/** The credentials that the workflow of the sync names. */
export const SYNC_CREDENTIALS = {
	source: { id: 'caosdbSource0001', name: 'CaosDB Server (Source)' },
	target: { id: 'caosdbTarget0001', name: 'CaosDB Server (Target)' },
} as const;

/** Whom none of the rules of the demo server's entities concerns. */
export const SYNC_ACCOUNT = { name: 'curator', password: 'Curator-1' } as const;

export async function openSyncPair(folder: string): Promise<SyncPair> {
	const [sourceRoot, targetRoot] = [join(folder, 'source-root'), join(folder, 'target-root')];
	await mkdir(sourceRoot, { recursive: true });
	const source = await startDemoEmulator(sourceRoot);
	const users = [{ ...SYNC_ACCOUNT, roles: ['administration'] }];
	const target = await startEmulator({ folder: targetRoot, users });
	return {
		...{ source, target },
		stop: async () => void (await Promise.all([source.stop(), target.stop()])),
	};
}

export function syncCredentials({ source, target }: SyncPair): CredentialJson[] {
	const { name: user, password } = SYNC_ACCOUNT;
	return Object.entries({ source, target }).map(([side, { url }]) => ({
		...SYNC_CREDENTIALS[side === 'source' ? 'source' : 'target'],
		...{ type: 'caosDbApi', data: { url, authenticateWith: 'password', user, password } },
	}));
}
