import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ADMIN, type Emulator } from '../emulator/index.ts';
import { RawClient } from '../emulator/raw-client.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { fillLaboratory, insertFile } from '../entity/laboratory.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Engine, type PipelineNode, type RunResult, openEngine } from './engine.ts';
import { allowFolders } from './engine-host.ts';

/* Two servers: the one holds a small laboratory, the other is empty. */

let engine: Engine;
let [here, there]: Emulator[] = [];
let raw: RawClient;
let folder: string;

beforeAll(async () => void (engine = await openEngine(join(import.meta.dirname, '../..'))));
afterAll(async () => await engine.close());

beforeEach(async () => {
	folder = await temporaryFolder();
	allowFolders(folder);
	({ emulator: here, client: raw } = await testEmulator());
	({ emulator: there } = await testEmulator());
	await fillLaboratory(raw);
	await insertFile(raw, '/lab/ü 1.txt', 'content of one');
});

function credential({ url = '' }: Partial<Emulator> = {}): ICredentialDataDecryptedObject {
	const { name: user, password } = ADMIN;
	return { url, authenticateWith: 'password', user, password };
}

function exporting(parameters: IDataObject = {}): PipelineNode {
	const set = { destination: 'set', backupFolder: join(folder, 'backups'), compression: 'zstd' };
	return {
		type: 'xmlExport',
		parameters: {
			...{ selectBy: 'all', include: [], format: 'bundle', idMode: 'temporary', ...set },
			options: { instance: 'here' },
			...parameters,
		},
		credentials: { caosDbApi: 'here' },
	};
}

function importing(
	parameters: IDataObject = {},
	changes: Partial<PipelineNode> = {},
): PipelineNode {
	return {
		type: 'xmlImport',
		parameters: { source: 'set', idMapFolder: join(folder, 'maps'), ...parameters },
		credentials: { caosDbApi: 'there' },
		...changes,
	};
}

async function run(nodes: readonly PipelineNode[], signal?: AbortSignal): Promise<RunResult> {
	const credentials = { here: credential(here), there: credential(there) };
	return await engine.run({ nodes, credentials, ...(signal === undefined ? {} : { signal }) });
}

/** Somebody describes the same entity on one of the servers. */
async function describeUnrelated(emulator: Emulator | undefined, text: string): Promise<void> {
	if (emulator === undefined) throw new Error('There is no server.');
	const found = [...emulator.store.heads()].find(({ name }) => name === 'Unrelated');
	const entity = `<RecordType id="${found?.id ?? ''}" name="Unrelated" description="${text}"/>`;
	await new RawClient(emulator).update(entity);
}

function actions(result: RunResult): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { json } of result.output('xmlImport')) {
		counts[String(json.action)] = (counts[String(json.action)] ?? 0) + 1;
	}
	return counts;
}

describe('CaosDB XML Import', () => {
	it('brings everything to another server once, and then what changed', async () => {
		const first = await run([exporting(), importing()]);
		expect(first.error).toBeUndefined();
		expect(actions(first)).toEqual({ insert: 17 });
		expect(first.output('xmlImport')[0]?.json).toEqual({
			...{ role: 'Property', name: 'weight', idBefore: '-100', idAfter: expect.any(String) },
			...{ action: 'insert', differences: [], messages: [] },
		});
		const file = there?.store.atPath('/lab/ü 1.txt');
		expect(file?.file?.checksum).toBe(here?.store.atPath('/lab/ü 1.txt')?.file?.checksum);
		expect(readFileSync(join(there?.folder ?? '', 'lab/ü 1.txt'), 'utf8')).toBe('content of one');
		const [maps] = readdirSync(join(folder, 'maps')).filter((name) => name.endsWith('.jsonl'));
		expect(maps).toMatch(/^here_to_127\.0\.0\.1_\d+\.jsonl$/);

		expect(actions(await run([exporting(), importing()]))).toEqual({ unchanged: 17 });
		await raw.insert('<Record name="S4"><Parent name="Device"/></Record>');
		const third = await run([exporting({ idMode: 'keep' }), importing({ output: 'changes' })]);
		expect(actions(third)).toEqual({ insert: 1 });
		expect(third.output('xmlImport')[0]?.json.name).toBe('S4');
	});

	it('says in a dry run what it would do', async () => {
		const dry = { operation: 'dryRun', output: 'summary' };
		const result = await run([exporting(), importing(dry)]);
		expect(result.output('xmlImport').map(({ json }) => json)).toMatchObject([
			{
				...{ kind: 'xmlImportPlan', status: 'complete', isDryRun: true },
				counts: { insert: 17, update: 0 },
				summary: expect.stringMatching(/: 17 to insert\. Nothing was changed\.$/),
			},
		]);
		expect([...(there?.store.heads() ?? [])].filter(({ id }) => Number(id) > 99)).toEqual([]);
		expect(readdirSync(join(folder, 'maps')).filter((name) => name.endsWith('.jsonl'))).toEqual([]);
	});

	it('reads a folder of the official tool, and a binary field', async () => {
		mkdirSync(join(folder, 'export/downloads'), { recursive: true });
		const document = '<Entities><RecordType id="-120" name="T"/></Entities>';
		writeFileSync(join(folder, 'export/linkahead_data.xml'), document);
		const file = { source: 'file', filePath: join(folder, 'export'), sourceName: 'elsewhere' };
		const options = { includeSummary: true, targetName: 'there' };
		const result = await run([importing({ ...file, options })]);
		expect(result.error).toBeUndefined();
		expect(result.output('xmlImport').map(({ json }) => json)).toMatchObject([
			{ action: 'insert', name: 'T' },
			{ kind: 'xmlImport', counts: { insert: 1 } },
		]);
		const binary = { source: 'binary', inputField: 'data', sourceName: 'here' };
		const toField = exporting({ destination: 'binary', outputField: 'data' });
		expect(actions(await run([toField, importing(binary)]))).toEqual({ insert: 17 });
	});

	it('ends with what to do about a conflict, or hands it on as an item', async () => {
		await run([exporting(), importing()]);
		await describeUnrelated(here, 'here');
		await describeUnrelated(there, 'there');
		const failed = await run([exporting(), importing()]);
		expect(failed.error?.message).toContain("RecordType 'Unrelated'");
		expect(failed.error?.description).toContain('Nothing was changed');
		const handedOn = await run([exporting(), importing({}, { onError: 'continueRegularOutput' })]);
		expect(handedOn.output('xmlImport')[0]?.json).toMatchObject({
			...{ kind: 'xmlImport', status: 'failed', code: 'import_conflict' },
		});
		const updated = await run([
			exporting(),
			importing({ onConflict: 'update', output: 'changes' }),
		]);
		expect(updated.output('xmlImport').map(({ json }) => json)).toMatchObject([
			{
				...{ name: 'Unrelated', action: 'update' },
				differences: ["description: 'there' → 'here'"],
			},
		]);
	});

	it('names a setting that is missing', async () => {
		const path = { source: 'file', filePath: join(folder, 'x.xml') };
		// Nothing handed on the name of an instance.
		const result = await run([importing(path)]);
		expect(result.error?.message).toContain("'Source Name' is empty");
		const rule = { ...path, sourceName: 'a', matchBy: 'properties', identifyingProperties: ' , ' };
		writeFileSync(join(folder, 'x.xml'), '<Entities/>');
		expect((await run([importing(rule)])).error?.message).toContain('No identifying property');
	});

	it('ends soon when it is cancelled, and goes on later', async () => {
		there?.faults.add({
			fault: { kind: 'slow', delay: 1000 },
			method: 'POST',
			path: '^/Entity',
			times: 0,
		});
		const controller = new AbortController();
		const running = run([exporting(), importing({ options: { batchSize: 5 } })], controller.signal);
		while ((there?.faults.list()[0]?.seen ?? 0) === 0)
			await new Promise((done) => setTimeout(done, 20));
		controller.abort();
		expect((await running).error?.context?.code).toBe('cancelled');
		there?.faults.clear();
		// The server is still busy with what was sent.
		const again = await run([exporting(), importing()]);
		expect(again.error).toBeUndefined();
		const named = [...(there?.store.heads() ?? [])].filter(({ id }) => Number(id) > 99);
		expect(named).toHaveLength(17);
	});
});
