import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { WorkflowJson } from '../test/e2e/workflow-run.ts';

export const NIGHTLY = 'nightly-backup';
export const RESTORE = 'restore-newest';
export const SYNC = 'sync-entities';

/** What the workflows of this repository say until a person fills in their own. */
const SHIPPED_FILE_ROOT = '/opt/caosdb/mnt/caosroot';

/** A workflow of this repository for a file root elsewhere. */
export async function shippedWorkflow(name: string, fileRoot: string): Promise<WorkflowJson> {
	const file = join(import.meta.dirname, `../workflows/${name}.json`);
	const text = await readFile(file, 'utf8');
	return JSON.parse(text.replaceAll(SHIPPED_FILE_ROOT, fileRoot)) as WorkflowJson;
}
