import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { SYNC_CREDENTIALS } from '../../demo/sync.ts';
import { NIGHTLY, RESTORE, SYNC, shippedWorkflow } from '../../demo/workflows.ts';
import { cacheFolder } from '../servers/index.ts';
import { type Editor, openEditor } from './editor.ts';
import { type N8nInstance, startN8n } from './n8n-instance.ts';
import { importCredentials, importWorkflows } from './workflow-run.ts';

/*
 * The editor as a person sees it. With CAOSDB_PICTURES=docs/pictures the pictures of the README are made
 * anew; else they go to the cache, to be looked at after a failure.
 */
const PICTURES = process.env.CAOSDB_PICTURES ?? cacheFolder('pictures');
const NIGHTLY_ID = 'caosdbNightly001';
const RESTORE_ID = 'caosdbRestore001';
const SYNC_ID = 'caosdbSyncEntit1';

let n8n: N8nInstance;
let editor: Editor;

beforeAll(async () => {
	await mkdir(PICTURES, { recursive: true });
	n8n = await startN8n();
	const fileRoot = '/opt/caosdb/mnt/caosroot';
	await importCredentials(n8n, [
		{ id: 'caosdbSqlDemo001', name: 'CaosDB SQL', type: 'caosDbSqlApi', data: {} },
		{ ...SYNC_CREDENTIALS.source, type: 'caosDbApi', data: {} },
		{ ...SYNC_CREDENTIALS.target, type: 'caosDbApi', data: {} },
	]);
	await importWorkflows(n8n, [
		await shippedWorkflow(NIGHTLY, fileRoot),
		await shippedWorkflow(RESTORE, fileRoot),
		await shippedWorkflow(SYNC, fileRoot),
	]);
	editor = await openEditor(n8n);
});

afterAll(async () => {
	await editor?.close();
	await n8n?.stop();
});

async function picture(name: string): Promise<void> {
	await editor.page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

const PANELS = [
	{
		workflow: NIGHTLY_ID,
		node: 'Back Up SQL Database',
		file: 'sql-backup',
		fields: ['Credential', 'Operation', 'Destination', 'Backup Folder', 'Compression', 'Options'],
	},
	{
		workflow: NIGHTLY_ID,
		node: 'Archive File Root',
		file: 'file-root-archive',
		fields: ['Operation', 'File Root', 'Destination', 'Backup Folder', 'Compression', 'Options'],
	},
	{
		workflow: SYNC_ID,
		node: 'When the Source Changes',
		file: 'caosdb-trigger',
		fields: ['Credential', 'Poll Times', 'Entities to Watch', 'Events', 'Output', 'Options'],
	},
	{
		workflow: SYNC_ID,
		node: 'Export Entities',
		file: 'xml-export',
		fields: ['Credential', 'Select Entities By', 'Format', 'IDs in the Export', 'Destination'],
	},
	{
		workflow: SYNC_ID,
		node: 'Import Entities',
		file: 'xml-import',
		fields: ['Credential', 'Operation', 'Source', 'Source Name', 'ID Map Folder', 'On Conflict'],
	},
	{
		workflow: RESTORE_ID,
		node: 'Restore Database',
		file: 'restore',
		fields: ['Credential', 'Resource', 'Operation', 'Source', 'Backup Set', 'Target Database'],
	},
];

describe("n8n's editor", () => {
	test('shows the nightly pipeline', async () => {
		await editor.openWorkflow(NIGHTLY_ID);
		expect(await editor.page.getByTestId('canvas-node').count()).toBe(4);
		await picture('pipeline');
	});

	test.each(PANELS)('shows the panel of $node', async ({ workflow, node, file, fields }) => {
		await editor.openWorkflow(workflow);
		const panel = await editor.openNode(node);
		await picture(file);
		for (const field of fields) expect(panel).toContain(field);
	});
});
