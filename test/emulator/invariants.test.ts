import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { type EntityStore, mentionedIds } from './entity-store.ts';
import { isSystemId } from './ids.ts';
import { RawClient, errorCodes, idOf } from './raw-client.ts';
import { testEmulator } from './test-emulator.ts';

type Step =
	| {
			readonly kind: 'insert' | 'update';
			readonly name: number;
			readonly parent: number;
			readonly value: number;
	  }
	| { readonly kind: 'delete'; readonly targets: readonly number[] };

const GONE = 11;
const NUMBER = fc.nat({ max: GONE });
const NAME = fc.nat({ max: 50 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
	fc.record({
		kind: fc.constantFrom('insert', 'update'),
		name: NAME,
		parent: NUMBER,
		value: NUMBER,
	}),
	fc.record({
		kind: fc.constant('delete'),
		targets: fc.array(NUMBER, { minLength: 1, maxLength: 3 }),
	}),
);

/** Carries steps out: numbers stand for living entities, 11 for the one that was deleted last. */
class Walk {
	readonly #client: RawClient;
	#ids: string[] = [];
	#gone = '98';

	constructor(client: RawClient) {
		this.#client = client;
	}

	#id(index: number): string {
		if (index === GONE) return this.#gone;
		return this.#ids[index % Math.max(this.#ids.length, 1)] ?? '99';
	}

	/** Whether the server did it. */
	async step(step: Step): Promise<boolean> {
		if (step.kind === 'delete') {
			const targets = new Set(step.targets.map((one) => this.#id(one)));
			const answered = await this.#client.remove(...targets);
			const isDone = answered.every((one) => errorCodes(one).length === 0);
			if (isDone) [this.#gone = ''] = targets;
			if (isDone) this.#ids = this.#ids.filter((id) => !targets.has(id));
			return isDone;
		}
		const { name, parent, value } = step;
		const content = `<Parent id="${this.#id(parent)}"/><Property id="-9" datatype="REFERENCE">${this.#id(value)}</Property>`;
		if (step.kind === 'update') {
			const xml = `<RecordType id="${this.#id(value)}" name="n${name}"><Parent id="${this.#id(parent)}"/></RecordType>`;
			const [one] = await this.#client.update(xml, '?uniquename=true');
			return errorCodes(one).length === 0;
		}
		const xml = `<RecordType id="-1" name="n${name}">${this.#ids.length === 0 ? '' : content}</RecordType>
			<RecordType id="-9" name="p${name}"/>`;
		const made = await this.#client.insert(xml, '?uniquename=true');
		const isDone = made.every((one) => errorCodes(one).length === 0);
		if (isDone) this.#ids.push(...made.map(idOf));
		return isDone;
	}
}

function checkInvariants(store: EntityStore): void {
	const names = new Set<string>();
	for (const entity of store.heads()) {
		if (isSystemId(entity.id)) continue;
		const dangling = [...mentionedIds(entity, (id) => store.head(id))].filter(
			(id) => store.head(id) === undefined,
		);
		expect(dangling).toEqual([]);
		expect(names.has(entity.name ?? '')).toBe(false);
		names.add(entity.name ?? '');
		expect(store.named(entity.name ?? '').map(({ id }) => id)).toEqual([entity.id]);
		for (const parent of entity.parents) {
			expect(store.childrenOf(parent).map(({ id }) => id)).toContain(entity.id);
		}
		const history = store.history(entity.id);
		expect(new Set(history.map(({ version }) => version.id)).size).toBe(history.length);
		expect(history.every(({ id }) => id === entity.id)).toBe(true);
		const times = history.map(({ version }) => version.at);
		expect(times).toEqual([...times].sort((left, right) => left - right));
	}
}

describe('any sequence of inserts, updates and deletes', () => {
	it('leaves no dangling reference, unique names and versions in a chain', async () => {
		let [done, refused] = [0, 0];
		await fc.assert(
			fc.asyncProperty(fc.array(STEP, { minLength: 8, maxLength: 25 }), async (steps) => {
				const { emulator, client } = await testEmulator();
				const walk = new Walk(client);
				for (const step of steps) {
					const before = emulator.store.revision;
					if (await walk.step(step)) done++;
					else {
						refused++;
						expect(emulator.store.revision).toBe(before);
					}
				}
				checkInvariants(emulator.store);
			}),
			{ numRuns: 60 },
		);
		expect(done).toBeGreaterThan(100);
		expect(refused).toBeGreaterThan(100);
	});

	it('can be undone: a saved state comes back, and ids go on where they were', async () => {
		const { emulator, client } = await testEmulator();
		const walk = new Walk(client);
		for (let index = 0; index < 8; index++) {
			await walk.step({ kind: 'insert', name: index, parent: index, value: index });
			await walk.step({ kind: 'update', name: index + 50, parent: 0, value: index });
		}
		const histories = (): unknown =>
			[...emulator.store.heads()].map(({ id }) => emulator.store.history(id));
		const before = histories();
		const path = join(await temporaryFolder(), 'state.json');
		await emulator.save(path);
		const [added] = await client.insert('<RecordType name="added later"/>');
		expect(histories()).not.toEqual(before);
		await emulator.load(path);
		expect(histories()).toEqual(before);
		expect(emulator.store.named('added later')).toEqual([]);
		checkInvariants(emulator.store);
		const [again] = await client.insert('<RecordType name="added later"/>');
		expect(idOf(again)).toBe(idOf(added));
	});
});
