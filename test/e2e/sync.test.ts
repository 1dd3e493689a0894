import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type SyncPair, openSyncPair, syncCredentials } from '../../demo/sync.ts';
import { SYNC, shippedWorkflow } from '../../demo/workflows.ts';
import type { Emulator } from '../emulator/index.ts';
import { RawClient, errorCodes, idOf } from '../emulator/raw-client.ts';
import { contentDifferences } from '../emulator/same-content.ts';
import { type N8nInstance, startN8n } from './n8n-instance.ts';
import {
	type RunOutcome,
	importCredentials,
	importWorkflows,
	startInServer,
	waitForExecution,
} from './workflow-run.ts';

/*
 * The sync in a real n8n, by the workflow that the repository ships: two servers, one like LinkAhead's own
 * demo server, the other empty. By hand twice, then by the trigger after a change and after a deletion.
 */

const WORKFLOW = 'caosdbSyncEntit1';
const BY_HAND = 'Run Now';
const TRIGGER = 'When the Source Changes';
const LOOK_MS = 500;
/** The trigger polls once a minute. */
const DEADLINE_MS = 150_000;

let folder: string;
let pair: SyncPair;
let n8n: N8nInstance;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-sync-'));
	pair = await openSyncPair(folder);
	n8n = await startN8n();
	await importCredentials(n8n, syncCredentials(pair));
	await importWorkflows(n8n, [await shippedWorkflow(SYNC, '')]);
});

afterAll(async () => {
	await n8n?.stop();
	await pair?.stop();
	await rm(folder, { recursive: true, force: true });
});

async function runByHand(): Promise<RunOutcome> {
	return await waitForExecution(n8n, await startInServer(n8n, WORKFLOW, BY_HAND));
}

function message({ json }: RunOutcome): string {
	return String(json.Message?.message);
}

function versions({ store }: Emulator): string[] {
	return [...store.heads()].map(({ id, version }) => `${id}@${version.id}`).sort();
}

interface Listed {
	readonly results: readonly { readonly id: string; readonly mode: string }[];
}

/** Executions that the trigger started, oldest first. */
async function triggered(): Promise<string[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId: WORKFLOW }));
	const { results } = (await n8n.call('GET', `/executions?filter=${filter}&limit=50`)) as Listed;
	return results
		.filter(({ mode }) => mode === 'trigger')
		.map(({ id }) => id)
		.sort((left, right) => Number(left) - Number(right));
}

/** The outcome of the next execution that the trigger starts. */
async function nextTriggered(before: readonly string[]): Promise<RunOutcome> {
	const deadline = Date.now() + DEADLINE_MS;
	while (Date.now() < deadline) {
		const now = await triggered();
		if (now.length > before.length) return await waitForExecution(n8n, now[before.length] ?? '');
		await sleep(LOOK_MS);
	}
	throw new Error(`The trigger started nothing:\n${(await n8n.log()).slice(-2000)}`);
}

interface StoredWorkflow {
	readonly versionId: string;
	readonly staticData: unknown;
}

async function stored(): Promise<StoredWorkflow> {
	return (await n8n.call('GET', `/workflows/${WORKFLOW}`)) as StoredWorkflow;
}

/** Publishes the workflow and waits until the trigger has set its mark. */
async function publish(): Promise<void> {
	const { versionId } = await stored();
	await n8n.call('POST', `/workflows/${WORKFLOW}/activate`, { versionId });
	while (!JSON.stringify((await stored()).staticData ?? '').includes('"floor"'))
		await sleep(LOOK_MS);
}

describe('the sync of two servers in a real n8n', () => {
	test('brings everything to the empty one', async () => {
		const outcome = await runByHand();
		expect([outcome.status, outcome.error]).toEqual(['success', undefined]);
		expect(contentDifferences(pair.source, pair.target)).toEqual([]);
		expect(message(outcome)).toMatch(/149 inserted/);
	});

	test('changes nothing the second time', async () => {
		const before = versions(pair.target);
		const outcome = await runByHand();
		expect([outcome.status, outcome.error]).toEqual(['success', undefined]);
		expect(versions(pair.target)).toEqual(before);
		expect(message(outcome)).toMatch(/149 unchanged/);
	});

	test('follows what changed since it was published, and nothing else', async () => {
		await publish();
		expect(await triggered()).toEqual([]);
		const client = new RawClient(pair.source, 'curator');
		const before = new Set(versions(pair.target));
		const [person] = pair.source.store.named('Person');
		const parent = `<Parent id="${person?.id ?? ''}"/>`;
		const made = await client.insert(
			`<Record name="First">${parent}</Record><Record name="Second">${parent}</Record>`,
		);
		expect(made.flatMap(errorCodes)).toEqual([]);
		const inserted = await nextTriggered([]);
		expect([inserted.status, inserted.error]).toEqual(['success', undefined]);
		expect(inserted.json[TRIGGER]).toMatchObject({ inserted: 2, updated: 0, deleted: 0 });
		expect(contentDifferences(pair.source, pair.target)).toEqual([]);
		expect(versions(pair.target).filter((one) => !before.has(one))).toHaveLength(2);

		const [first = '', second = ''] = made.map(idOf);
		await client.update(`<Record id="${first}" name="Renamed">${parent}</Record>`);
		await client.remove(second);
		const changed = await nextTriggered(await triggered());
		expect([changed.status, changed.error]).toEqual(['success', undefined]);
		expect(changed.json[TRIGGER]).toMatchObject({ changedIds: first, deletedIds: second });
		expect(message(changed)).toMatch(/1 updated, .*1 deleted/);
		expect(contentDifferences(pair.source, pair.target)).toEqual([]);
		expect(await triggered()).toHaveLength(2);
	});
});
