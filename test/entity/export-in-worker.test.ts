import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { type Fault } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { plainPorts } from '../../lib/standalone/index.ts';
import { type JobInput, runJob } from '../../lib/worker/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { WHOLE } from './export-to.ts';
import { fillLaboratory, insertFile } from './laboratory.ts';
import { QUICK_RULES, emulatorHttp } from './test-client.ts';

/* As n8n runs it: connections are on one thread, what reads them on another. */

const FAULTS: readonly Fault[] = [
	...([{ kind: 'cut-inside' }, { kind: 'cut-before' }, { kind: 'unanswered' }] as const),
	{ kind: 'cut-xml' },
];
const REQUESTS = 5;

describe('a connection that ends', () => {
	test.each(FAULTS)('is tried again from the thread of the job ($kind)', async (fault) => {
		const { emulator, client } = await testEmulator();
		await fillLaboratory(client);
		await insertFile(client, '/a.txt', 'content of a');
		const folder = await temporaryFolder();
		const input: JobInput<'xmlExport'> = {
			export: WHOLE,
			...{ format: 'bundle', documentName: 'caosdb_data.xml', roles: [], verify: true },
			files: { download: true },
			destination: {
				...{ kind: 'file', folder: { path: folder, displayPath: folder } },
				...{ fileName: 'export.tar', overwrite: true },
			},
			requestRules: QUICK_RULES,
			compression: { kind: 'none', level: 0 },
		};
		const ports = { ...plainPorts({ binaryFolder: folder }), http: emulatorHttp(emulator) };
		const run = async (): Promise<string> => {
			await runJob('xmlExport', input, { signal: new AbortController().signal, ports });
			expect(readdirSync(folder)).toEqual(['export.tar']);
			return String(execFileSync('tar', ['-xOf', `${folder}/export.tar`]));
		};
		const whole = await run();
		expect(whole).toContain('content of a');
		let tried = 0;
		for (let skip = 0; skip < REQUESTS; skip++) {
			emulator.faults.clear();
			emulator.faults.add({ fault, skip, method: 'GET' });
			expect(await run()).toBe(whole);
			if ((emulator.faults.list()[0]?.seen ?? 0) > skip) tried++;
		}
		expect(tried).toBeGreaterThan(1);
	});
});
