import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { realBackup } from '../fixtures/real-backup.ts';
import { copyTree, treeDifferences } from '../tree/compare-trees.ts';
import { type N8nInstance, startN8n } from './n8n-instance.ts';
import {
	type RunOutcome,
	type WorkflowJson,
	importWorkflows,
	startInServer,
	waitForExecution,
} from './workflow-run.ts';

/*
 * The life of a file root in a real n8n: archived, destroyed, restored in its place, rolled back; once
 * with a parent that n8n may use, once without one, as in a container whose volume is the root. Then sets:
 * an archive, an increment to it, and the server's configuration along with both.
 */

const TRIGGER = 'Run Now';
const STEP = 'Step';
const KINDS = ['beside', 'volume'] as const;
type Kind = (typeof KINDS)[number];

let folder: string;
let n8n: N8nInstance;

function rootOf(kind: Kind): string {
	return join(folder, kind, 'caosroot');
}

function workflow(
	id: string,
	type: string,
	parameters: Readonly<Record<string, unknown>>,
): WorkflowJson {
	const trigger = { name: TRIGGER, type: 'n8n-nodes-base.manualTrigger', parameters: {} };
	const step = { name: STEP, type: `n8n-nodes-caosdb.${type}`, parameters };
	const nodes = [trigger, step].map((node, index) => ({
		...node,
		...{ id: `${id}-${index}`, typeVersion: 1, position: [220 * index, 0] },
	}));
	return {
		...{ id, name: id, active: false, nodes, settings: { executionOrder: 'v1' } },
		connections: { [TRIGGER]: { main: [[{ node: STEP, type: 'main', index: 0 }]] } },
	};
}

/** Backs up what changed, with the configuration; and brings both back into new folders. */
function setWorkflows(): WorkflowJson[] {
	const backupFolder = join(folder, 'backups/sets');
	const configuration = { content: 'serverConfiguration', path: join(folder, 'beside/conf') };
	const set = {
		...{ resource: 'fileRoot', operation: 'restore', source: 'set' },
		backupSet: join(backupFolder, 'caosdb'),
	};
	const [root, conf] = [join(folder, 'beside/new root'), join(folder, 'beside/new conf')];
	return [
		workflow('setArchive', 'fileRootArchive', {
			...{ fileRoot: rootOf('beside'), destination: 'set', backupFolder },
			...{ extraFolders: { folder: [configuration] } },
			options: { expected: 'one', incremental: true },
		}),
		workflow('setRestoreRoot', 'restore', { ...set, targetFolder: root }),
		workflow('setRestoreConf', 'restore', { ...set, targetFolder: conf, folderName: 'conf-ext' }),
	];
}

function workflowsOf(kind: Kind): WorkflowJson[] {
	const filePath = join(folder, 'backups', `${kind}.tar.zst`);
	const fileRoot = rootOf(kind);
	const archived = { resource: 'fileRoot', source: 'file', filePath, targetFolder: fileRoot };
	const scratch = join(folder, 'backups/scratch');
	return [
		workflow(`${kind}Archive`, 'fileRootArchive', { fileRoot, destination: 'file', filePath }),
		workflow(`${kind}Rehearse`, 'restore', {
			...archived,
			operation: 'rehearse',
			targetFolder: scratch,
		}),
		workflow(`${kind}Restore`, 'restore', {
			...archived,
			operation: 'restore',
			ifNotEmpty: 'replace',
		}),
		workflow(`${kind}RollBack`, 'restore', { ...archived, operation: 'rollBack' }),
	];
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-file-root-'));
	const { archiveFile } = await realBackup();
	await mkdir(join(folder, 'backups'));
	for (const kind of KINDS) {
		await mkdir(rootOf(kind), { recursive: true });
		execFileSync('tar', ['-xpzf', archiveFile, '-C', rootOf(kind), '--strip-components=4']);
	}
	const allowed = ['backups', 'beside', 'volume/caosroot'];
	n8n = await startN8n({ allowedFolders: allowed.map((name) => join(folder, name)) });
	await importWorkflows(n8n, [...KINDS.flatMap(workflowsOf), ...setWorkflows()]);
});

afterAll(async () => {
	await n8n.stop();
	await rm(folder, { recursive: true, force: true });
});

async function run(id: string): Promise<RunOutcome> {
	const outcome = await waitForExecution(n8n, await startInServer(n8n, id, TRIGGER));
	expect(outcome.error).toBeUndefined();
	return outcome;
}

/** But for what a volume keeps inside, and its own time. */
function differences(before: string, after: string): string[] {
	return treeDifferences(before, after).filter(
		(line) => !/^(\.n8n-caosdb-.*)?: |^\.n8n-caosdb-(before|undone)-/.test(line),
	);
}

describe.each(KINDS)('a file root (%s) in a real n8n', (kind) => {
	test('is archived, destroyed, restored and rolled back', async () => {
		const root = rootOf(kind);
		const [good, destroyed] = [join(folder, `good ${kind}`), join(folder, `destroyed ${kind}`)];
		await copyTree(root, good);
		const archived = await run(`${kind}Archive`);
		expect(archived.json[STEP]?.summary).toMatch(/29 files .* 31 symbolic links/);
		const rehearsed = await run(`${kind}Rehearse`);
		expect(rehearsed.json[STEP]?.summary).toMatch(/compared and removed in .* 29 files/);
		expect(readdirSync(join(folder, 'backups'))).not.toContain('scratch');

		for (const name of readdirSync(root).slice(1)) rmSync(join(root, name), { recursive: true });
		writeFileSync(join(root, 'since then'), 'x');
		await copyTree(root, destroyed);
		const restored = await run(`${kind}Restore`);
		expect(restored.json[STEP]?.keptPath).toContain(
			kind === 'beside' ? `${root}.before-` : `${root}/.n8n-caosdb-before-`,
		);
		expect(differences(good, root)).toEqual([]);
		expect(differences(destroyed, String(restored.json[STEP]?.keptPath))).toEqual([]);

		const back = await run(`${kind}RollBack`);
		expect(back.json[STEP]).toMatchObject({ restoredFrom: restored.json[STEP]?.keptPath });
		expect(differences(destroyed, root)).toEqual([]);
		expect(differences(good, String(back.json[STEP]?.keptPath))).toEqual([]);

		// As a workflow does whose answer was lost: by the name that the restore told.
		const { keptPath } = restored.json[STEP] ?? {};
		const named = { resource: 'fileRoot', operation: 'rollBack', targetFolder: root, keptPath };
		await importWorkflows(n8n, [workflow(`${kind}RollBackTo`, 'restore', named)]);
		const again = await run(`${kind}RollBackTo`);
		expect(again.json[STEP]).toMatchObject({ restoredFrom: keptPath, wasDone: true });
		expect(differences(destroyed, root)).toEqual([]);
	});
});

test('a file root in sets of a real n8n: an increment and the configuration come back', async () => {
	const [root, conf] = [rootOf('beside'), join(folder, 'beside/conf')];
	await mkdir(conf, { recursive: true });
	writeFileSync(join(conf, 'usersources.ini'), 'realms = PAM\n');
	const first = await run('setArchive');
	writeFileSync(join(root, 'since the first'), 'x');
	writeFileSync(join(conf, 'authtoken.yaml'), '[]\n');
	const second = await run('setArchive');
	expect(second.json[STEP]).toMatchObject({
		...{ setState: 'complete', status: 'complete' },
		details: {
			...{ increment: { storedFiles: 1 }, extraFolders: [{ name: 'conf-ext', files: 2 }] },
			base: join('caosdb', basename(String(first.json[STEP]?.backupSet))),
		},
	});
	await run('setRestoreRoot');
	expect(treeDifferences(root, join(folder, 'beside/new root'))).toEqual([]);
	await run('setRestoreConf');
	expect(treeDifferences(conf, join(folder, 'beside/new conf'))).toEqual([]);
});
