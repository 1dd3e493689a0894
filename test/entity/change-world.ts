import { vi } from 'vitest';

import type { HttpPort } from '../../lib/core/index.ts';
import {
	CaosDbClient,
	type ChangeKind,
	ClientChangeServer,
	type EntityChange,
	type FoundChanges,
	type Watch,
	findChanges,
} from '../../lib/entity/index.ts';
import type { Emulator, EmulatorOptions, Entity } from '../emulator/index.ts';
import { type RawClient, errorCodes, idOf } from '../emulator/raw-client.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { QUICK_RULES, emulatorHttp } from './test-client.ts';

export const MINUTE_MS = 60_000;
export const OVERLAP_MS = 10 * MINUTE_MS;
export const EVERY_EVENT: readonly ChangeKind[] = ['deleted', 'inserted', 'updated'];
export const OPEN_SAMPLES = 'FIND RECORD Sample WITH open=TRUE';
const START = Date.UTC(2026, 9, 25, 0, 30);
const NEVER_MS = 1e12;

export function watchOf(given: Partial<Watch> = {}): Watch {
	const usual = { server: 'here', query: null, events: EVERY_EVENT, limit: 1000 };
	return { ...usual, overlapMs: OVERLAP_MS, ...given };
}

/** What a poll keeps, as n8n would: through JSON. */
export function stored<T>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}

/**
 * A server with Samples that are open or not, at a time that only stands still or is moved on. `vi` has
 * to be given its real timers back.
 */
export class ChangeWorld {
	readonly emulator: Emulator;
	readonly client: RawClient;
	/** Living Samples, oldest first. */
	readonly ids: string[] = [];
	#count = 0;

	private constructor(emulator: Emulator, client: RawClient) {
		this.emulator = emulator;
		this.client = client;
	}

	static async open(options: Partial<EmulatorOptions> = {}): Promise<ChangeWorld> {
		vi.useFakeTimers({ toFake: ['Date'], now: START });
		const { emulator, client } = await testEmulator({ sessionTimeout: NEVER_MS, ...options });
		await client.insert('<RecordType name="Sample"/><Property name="open" datatype="BOOLEAN"/>');
		return new ChangeWorld(emulator, client);
	}

	wait(ms: number): void {
		vi.setSystemTime(Date.now() + ms);
	}

	/** Does something as it was begun so long ago and could not be seen until now. */
	async late(ms: number, act: () => Promise<unknown>): Promise<void> {
		const now = Date.now();
		vi.setSystemTime(now - ms);
		await act();
		vi.setSystemTime(now);
	}

	async insert(isOpen: boolean): Promise<string> {
		const name = `S${this.#count++}`;
		const [made] = await this.client.insert(this.#sample(`name="${name}"`, isOpen));
		const id = idOf(made);
		this.ids.push(id);
		return id;
	}

	async update(id: string, isOpen: boolean): Promise<void> {
		const text = `id="${id}" name="S${this.#count++}"`;
		const [made] = await this.client.update(this.#sample(text, isOpen));
		if (errorCodes(made).length > 0) throw new Error(`${id} was not updated`);
	}

	async remove(id: string): Promise<void> {
		await this.client.remove(id);
		this.ids.splice(this.ids.indexOf(id), 1);
	}

	#sample(attributes: string, isOpen: boolean): string {
		return `<Record ${attributes}><Parent name="Sample"/><Property name="open">${isOpen}</Property></Record>`;
	}

	/** One poll; `before` is called before every request. */
	async poll(watch: Watch, kept: unknown, before?: () => Promise<void>): Promise<FoundChanges> {
		const { signal } = new AbortController();
		return stored(await findChanges(this.server(before), watch, kept, signal));
	}

	server(before = async (): Promise<void> => undefined): ClientChangeServer {
		const session = emulatorHttp(this.emulator);
		const http: HttpPort = {
			request: async (request) => {
				await before();
				return await session.request(request);
			},
		};
		const { signal } = new AbortController();
		return new ClientChangeServer(new CaosDbClient({ http, signal, rules: QUICK_RULES }));
	}

	/** Newest version by id, of everything or of open Samples. */
	heads(query: Watch['query']): Map<string, string> {
		const all = [...this.emulator.store.heads()].filter(({ id }) => Number(id) > 99);
		const found = query === null ? all : all.filter(isOpenSample);
		return new Map(found.map(({ id, version }) => [id, version.id]));
	}
}

function isOpenSample({ role, properties }: Entity): boolean {
	return role === 'Record' && properties.some(({ value }) => value === 'TRUE');
}

/** A change as one word, to be compared. */
export function changeWord({ event, id, version }: EntityChange): string {
	return `${event} ${id}${version === null ? '' : `@${version}`}`;
}
