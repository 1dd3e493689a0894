import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { startEmulator } from './index.ts';
import { entities } from './raw-client.ts';
import { runScenario } from './scenario.ts';
import { testEmulator } from './test-emulator.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { attribute, childElements } from './xml-node.ts';

const BATCH = 10_000;
const TOTAL = 100_000;

it('100,000 entities fit, and come back from a saved state', async () => {
	const { emulator, client } = await testEmulator({ listPermissions: false });
	await client.insert('<RecordType name="Sample"/><Property name="weight" datatype="DOUBLE"/>');
	for (let batch = 0; batch < TOTAL / BATCH; batch++) {
		const records = Array.from({ length: BATCH }, (_record, index) => {
			const name = `S${batch * BATCH + index}`;
			return `<Record name="${name}"><Parent name="Sample"/><Property name="weight">${index}</Property></Record>`;
		});
		expect(await client.insert(records.join(''), '?uniquename=true')).toHaveLength(BATCH);
	}
	const counted = childElements(await client.query('COUNT RECORD Sample'), 'Query');
	expect(counted.map((query) => attribute(query, 'results'))).toEqual([String(TOTAL)]);
	const page = await client.query('FIND RECORD Sample', '&P=99000L5000');
	expect(entities(page)).toHaveLength(1000);
	expect(entities(await client.query("FIND RECORD WITH name='S77777'"))).toHaveLength(1);

	const folder = await temporaryFolder();
	const state = join(folder, 'state.json');
	await emulator.save(state);
	const again = await startEmulator({ folder: join(folder, 'root'), state });
	onTestFinished(async () => await again.stop());
	expect(again.store.size).toBe(emulator.store.size);
	await runScenario({ emulator: again, folder }, 'queries.pages_of_many');
	expect(again.times.text()).toMatch(/GET Entity\?query +\d+ × /);
});
