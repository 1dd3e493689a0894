import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ADMIN, type Emulator } from '../emulator/index.ts';
import { type RawClient, idOf } from '../emulator/raw-client.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { type Engine, openEngine } from './engine.ts';

let engine: Engine;

beforeAll(async () => {
	engine = await openEngine(join(import.meta.dirname, '../..'));
});
afterAll(async () => await engine.close());

interface Scene {
	readonly emulator: Emulator;
	readonly client: RawClient;
	/** One poll of an active workflow. */
	readonly poll: () => Promise<IDataObject[] | null>;
	readonly sample: () => Promise<IDataObject[] | null>;
	readonly memory: IDataObject;
}

async function scene(parameters: IDataObject = {}): Promise<Scene> {
	const { emulator, client } = await testEmulator();
	const memory: IDataObject = {};
	const credential = { url: emulator.url, user: ADMIN.name, password: ADMIN.password };
	const every = ['deleted', 'inserted', 'updated'];
	const usual = { watch: 'all', events: every, output: 'events', options: {} };
	const poll = async (mode: 'trigger' | 'manual'): Promise<IDataObject[] | null> => {
		const items = await engine.poll({
			node: {
				...{ type: 'caosDbTrigger', parameters: { ...usual, ...parameters } },
				credentials: { caosDbApi: 'server' },
			},
			credentials: { server: { authenticateWith: 'password', ...credential } },
			...{ memory, mode },
		});
		return items === null ? null : items.map(({ json }) => json);
	};
	return {
		...{ emulator, client, memory },
		poll: async () => await poll('trigger'),
		sample: async () => await poll('manual'),
	};
}

describe('CaosDB Trigger', () => {
	test('tells each change once, one item each, fit for a message', async () => {
		const { client, poll } = await scene();
		const [kept] = await client.insert('<RecordType name="Sample"/>');
		expect(await poll()).toBeNull();
		const [made] = await client.insert('<Record name="S1"><Parent name="Sample"/></Record>');
		const items = await poll();
		expect(items).toEqual([
			{
				...{ kind: 'entityChange', event: 'inserted', id: idOf(made), name: 'S1', role: 'Record' },
				...{ path: null, username: 'admin', version: expect.stringMatching(/^[0-9a-f]{40}$/) },
				time: expect.stringMatching(/^\d{4}-.*Z$/),
				summary: expect.stringMatching(
					/^Record 'S1' \(id \d+\) was inserted by admin at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/,
				),
			},
		]);
		expect(await poll()).toBeNull();
		await client.update(`<RecordType id="${idOf(kept)}" name="Specimen"/>`);
		await client.remove(idOf(made));
		expect((await poll())?.map(({ event, id }) => [event, id])).toEqual([
			['updated', idOf(kept)],
			['deleted', idOf(made)],
		]);
	});

	test('tells all changes of a poll in one item', async () => {
		const { client, poll } = await scene({ output: 'poll', events: ['inserted', 'deleted'] });
		const [first] = await client.insert('<RecordType name="Sample"/>');
		await poll();
		await client.remove(idOf(first));
		const made = await client.insert('<RecordType name="A"/><RecordType name="B"/>');
		const [item, ...others] = (await poll()) ?? [];
		expect(others).toEqual([]);
		expect(item).toMatchObject({
			...{ kind: 'entityChanges', inserted: 2, updated: 0, deleted: 1 },
			...{ changedIds: made.map(idOf).join(', '), deletedIds: idOf(first) },
			summary: '3 entities changed: 2 inserted, 1 deleted.',
		});
		expect(item?.changes).toHaveLength(3);
	});

	test('keeps its mark as plain data, and unchanged when a poll fails', async () => {
		const { emulator, client, poll, memory } = await scene();
		await poll();
		await client.insert('<RecordType name="Sample"/>');
		const before = JSON.stringify(memory);
		emulator.faults.add({ fault: { kind: 'status', status: 403 }, path: 'UPDATED' });
		await expect(poll()).rejects.toMatchObject({
			context: { code: 'server_access_denied' },
		});
		expect(JSON.stringify(memory)).toBe(before);
		emulator.faults.clear();
		Object.assign(memory, JSON.parse(before));
		expect(await poll()).toHaveLength(1);
	});

	test('polls once at a time', async () => {
		const { emulator, client, poll } = await scene();
		await poll();
		await client.insert('<RecordType name="Sample"/>');
		emulator.faults.add({ fault: { kind: 'slow', delay: 300 }, path: 'UPDATED', times: 1 });
		const both = await Promise.all([poll(), poll()]);
		expect(both.map((items) => items?.length ?? 0).sort()).toEqual([0, 1]);
		expect(await poll()).toBeNull();
	});

	test('shows a sample in the editor and leaves the mark alone', async () => {
		const { client, sample, memory } = await scene({ watch: 'query', query: 'FIND RECORD' });
		await expect(sample()).rejects.toMatchObject({
			message: 'There is no entity to show as a sample',
		});
		await client.insert('<RecordType name="Sample"/>');
		const [made] = await client.insert('<Record name="S1"><Parent name="Sample"/></Record>');
		expect(await sample()).toMatchObject([{ event: 'inserted', id: idOf(made), name: 'S1' }]);
		expect(memory).toEqual({});
	});

	test('takes no more events at a time than it may', async () => {
		const { client, poll } = await scene({ options: { maxEvents: 2 } });
		await poll();
		await client.insert('<RecordType name="A"/><RecordType name="B"/><RecordType name="C"/>');
		expect([(await poll())?.length, (await poll())?.length, await poll()]).toEqual([2, 1, null]);
	});

	test.each([
		[{ events: [] }, "'Events' is empty"],
		[{ watch: 'query', query: ' ' }, "'Query' is empty"],
		[{ watch: 'query', query: 'COUNT Sample' }, 'does not begin with FIND'],
		[{ options: { maxEvents: 0 } }, "'Maximum Events per Poll' is no whole number"],
		[{ options: { overlap: -1 } }, "'Overlap (Minutes)' is no whole number"],
	])('refuses %j', async (parameters, message) => {
		const { poll } = await scene(parameters);
		await expect(poll()).rejects.toMatchObject({ message: expect.stringContaining(message) });
	});
});
