import { describe, expect, it } from 'vitest';

import { idOf } from './raw-client.ts';
import { testEmulator } from './test-emulator.ts';
import { versionDate, versionOf } from './versions.ts';
import { type XmlElement, attribute, childElements } from './xml-node.ts';

function nested(version: XmlElement | undefined, name: string): string[] {
	const [next] = version === undefined ? [] : childElements(version, name);
	return next === undefined ? [] : [attribute(next, 'id') ?? '', ...nested(next, name)];
}

describe('versions', () => {
	it('are a chain that every version shows from its own place', async () => {
		const { emulator, client } = await testEmulator();
		const [made] = await client.insert('<RecordType name="a"/>');
		const id = idOf(made);
		for (const text of ['1', '2', '3']) {
			await client.update(`<RecordType id="${id}" name="a" description="${text}"/>`);
		}
		const ids = emulator.store.history(id).map(({ version }) => version.id);
		expect(new Set(ids).size).toBe(4);
		for (const [index, version] of ids.entries()) {
			const [whole] = await client.retrieve(`${id}@${version}`, '?H=');
			const [shown] = whole === undefined ? [] : childElements(whole, 'Version');
			expect(nested(shown, 'Predecessor')).toEqual(ids.slice(0, index).reverse());
			expect(nested(shown, 'Successor')).toEqual(ids.slice(index + 1));
			expect(shown && attribute(shown, 'head')).toBe(index === 3 ? 'true' : null);
			const [plain] = await client.retrieve(`${id}@${version}`);
			const [near] = plain === undefined ? [] : childElements(plain, 'Version');
			expect(nested(near, 'Predecessor')).toHaveLength(index === 0 ? 0 : 1);
		}
	});

	it('are found by id, by HEAD and by steps back from it', async () => {
		const { emulator, client } = await testEmulator();
		const [made] = await client.insert('<RecordType name="a"/>');
		const id = idOf(made);
		await client.update(`<RecordType id="${id}" name="b"/>`);
		const name = (key: string): string | null | undefined => versionOf(emulator.store, key)?.name;
		expect([`${id}`, `${id}@HEAD`, `${id}@HEAD~0`].map(name)).toEqual(['b', 'b', 'b']);
		expect([name(`${id}@HEAD~1`), name(`${id}@HEAD~2`), name(`${id}@x`)]).toEqual([
			'a',
			undefined,
			undefined,
		]);
		expect(await client.retrieve('a').then(([one]) => idOf(one))).toBe('');
	});

	it('have dates with a fraction and a numeric zone', () => {
		expect(versionDate(Date.UTC(2024, 2, 2, 12, 20, 23, 100))).toBe('2024-03-02T12:20:23.100+0000');
	});
});
