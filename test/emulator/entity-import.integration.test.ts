import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import type { Entity } from '../../lib/entity/index.ts';
import { JOBS, type XmlImportReport } from '../../lib/job/index.ts';
import { plainPorts } from '../../lib/standalone/index.ts';
import { byId, exported } from '../entity/plain-entities.ts';
import { documentOf } from '../entity/read-document.ts';
import { emulatorHttp } from '../entity/test-client.ts';
import { fillWithDemo } from './fill-with-demo.ts';
import type { Emulator } from './index.ts';
import { runPython } from './python-client.ts';
import { CURATOR, openWorld } from './scenario.ts';

/** The official tool's export of an entity and all that it leads to, in a folder of its own. */
async function officialExport(emulator: Emulator, id: string, folder: string): Promise<void> {
	const program = `import linkahead as db
from caosadvancedtools.export_related import export_related_to
db.configure_connection(url="${emulator.url}", username="${CURATOR.name}",
                        password="${CURATOR.password}", password_method="plain")
export_related_to(${id}, ".")`;
	await mkdir(folder);
	await runPython(['-c', program], folder);
}

async function importFolder(emulator: Emulator, folder: string): Promise<XmlImportReport> {
	const maps = join(folder, '..', 'maps');
	const ports = { ...plainPorts({ binaryFolder: folder }), http: emulatorHttp(emulator) };
	const place = (path: string) => ({ path, displayPath: path });
	return await JOBS.xmlImport(
		{
			source: { kind: 'file', folder: place(join(folder, '..')), fileName: 'export' },
			...{ pair: { source: 'demo', target: 'here' }, maps: place(maps) },
			...{ isDryRun: false, list: 'all' },
		},
		{ ports, signal: new AbortController().signal, progress: NO_PROGRESS },
	);
}

/** The official client strips texts, and tells what the server said beside the entities. */
function stripped(entity: Entity): Entity {
	return { ...entity, checksum: entity.checksum?.toLowerCase() ?? null };
}

it("takes the official tool's export of the demo's data as it is, once", async () => {
	const { emulator, folder } = await openWorld();
	await fillWithDemo(emulator);
	const study = [...emulator.store.heads()].find(({ name }) => name === 'Yield-stress study');
	await officialExport(emulator, study?.id ?? '', join(folder, 'export'));
	const document = await readFile(join(folder, 'export/linkahead_data.xml'));
	const written = (await documentOf(document).all()).map(stripped);
	expect(written.length).toBeGreaterThan(20);

	const { emulator: other } = await openWorld();
	const { rows, counts } = await importFolder(other, join(folder, 'export'));
	expect(counts.insert).toBe(written.length);
	const idOf = new Map(rows.map(({ idBefore, idAfter }) => [idBefore ?? '', idAfter ?? '']));
	const found = (await exported(other, 'keep')).map(stripped);
	expect(byId(found, (id) => id)).toEqual(byId(written, (id) => idOf.get(id) ?? id));
	for (const { path, checksum } of written) {
		if (path !== null) expect(other.store.atPath(path)?.file?.checksum).toBe(checksum);
	}

	const again = await importFolder(other, join(folder, 'export'));
	expect(again.counts).toMatchObject({ insert: 0, update: 0, unchanged: written.length });
});
