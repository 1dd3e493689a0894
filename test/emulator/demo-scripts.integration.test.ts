import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { mentionedIds } from './entity-store.ts';
import { fillWithDemo, runDemoScript } from './fill-with-demo.ts';
import { ADMIN, type Emulator, type Role, startEmulator } from './index.ts';
import { runPython } from './python-client.ts';
import { CURATOR, openWorld } from './scenario.ts';

function countOf(emulator: Emulator, role: Role): number {
	return [...emulator.store.heads()].filter((one) => one.role === role && Number(one.id) > 99)
		.length;
}

describe("the official demo server's scripts", () => {
	it('leave the entities, files and references they are to make', async () => {
		const { emulator, folder } = await openWorld();
		await fillWithDemo(emulator);
		const roles = ['Property', 'RecordType', 'Record', 'File'] as const;
		expect(roles.map((role) => countOf(emulator, role))).toEqual([44, 34, 63, 8]);

		const heads = [...emulator.store.heads()];
		for (const { file } of heads) {
			if (file === null) continue;
			const content = await readFile(join(emulator.folder, file.path));
			expect(content).toHaveLength(file.size);
			expect(createHash('sha512').update(content).digest('hex')).toBe(file.checksum);
		}
		for (const entity of heads) {
			const mentioned = mentionedIds(entity, (id) => emulator.store.head(id));
			const unknown = [...mentioned].filter((id) => emulator.store.head(id) === undefined);
			expect([entity.id, unknown]).toEqual([entity.id, []]);
		}
		const denied = heads.filter(({ acl }) =>
			acl.some(({ kind, permission }) => kind === 'Deny' && permission === 'DELETE'),
		);
		expect(denied).toHaveLength(25);
		expect(heads.find(({ name }) => name === 'price')?.unit).toBe('€');
		expect(heads.some(({ name }) => name === 'Valentin Vélo')).toBe(true);
		expect(heads.filter(({ file }) => file?.thumbnail)).toHaveLength(3);

		const study = heads.find(({ name }) => name === 'Yield-stress study');
		const program = `import linkahead as db
from caosadvancedtools.export_related import export_related_to
db.configure_connection(url="${emulator.url}", username="${CURATOR.name}",
                        password="${CURATOR.password}", password_method="plain")
export_related_to(${study?.id ?? ''}, ".")`;
		await runPython(['-c', program, 'export', 'study'], folder);
		const xml = await readFile(join(folder, 'linkahead_data.xml'), 'utf8');
		expect(xml).toContain('name="SoftSampleAnalysis"');
		expect(xml).toContain('Probenstraße 1, 98765 Probstadt');
		const raw = await readFile(join(folder, 'downloads/Tensile Stress Analyses/soft_sample.npy'));
		const stored = emulator.store.atPath('/Tensile Stress Analyses/soft_sample.npy')?.file;
		expect(createHash('sha512').update(raw).digest('hex')).toBe(stored?.checksum);
	});

	it('leave a server that is the same after it was saved and loaded', async () => {
		const { emulator, folder } = await openWorld();
		await runDemoScript('scripts/init_database.py', emulator, ADMIN);
		const stateFile = join(folder, 'state.json');
		await emulator.save(stateFile);
		const again = await startEmulator({ folder: emulator.folder, state: stateFile });
		onTestFinished(async () => await again.stop());
		const histories = ({ store }: Emulator): unknown =>
			[...store.heads()].map(({ id }) => store.history(id));
		expect(histories(again)).toEqual(histories(emulator));
		await runDemoScript('other_use_cases/insert_datamodel.py', again, CURATOR);
		expect(countOf(again, 'RecordType')).toBe(34);
	});
});
