import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parse } from 'flatted';

import type { N8nInstance } from './n8n-instance.ts';

/** A workflow as n8n exports it. */
export interface WorkflowJson {
	readonly id: string;
	readonly name: string;
	readonly nodes: readonly Readonly<Record<string, unknown>>[];
	readonly connections: Readonly<Record<string, unknown>>;
	readonly [key: string]: unknown;
}

export interface CredentialJson {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

async function importFile(n8n: N8nInstance, command: string, content: unknown): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-caosdb-import-'));
	try {
		const file = join(folder, 'import.json');
		await writeFile(file, JSON.stringify(content), { mode: 0o600 });
		await n8n.cli(command, `--input=${file}`);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

export async function importCredentials(
	n8n: N8nInstance,
	credentials: readonly CredentialJson[],
): Promise<void> {
	await importFile(n8n, 'import:credentials', credentials);
}

export async function importWorkflows(
	n8n: N8nInstance,
	workflows: readonly WorkflowJson[],
): Promise<void> {
	await importFile(n8n, 'import:workflow', workflows);
}

/** First item's JSON of every node, and the error, of a finished run. */
export interface RunOutcome {
	readonly status: string;
	readonly error: string | undefined;
	readonly json: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface RunData {
	readonly resultData: {
		readonly error?: { readonly message: string; readonly description?: string };
		readonly runData: Readonly<
			Record<string, readonly { data?: { main: ({ json: Record<string, unknown> }[] | null)[] } }[]>
		>;
	};
}

function outcome(status: string, { resultData }: RunData): RunOutcome {
	const { error, runData } = resultData;
	const json = Object.entries(runData).map(([name, runs]) => [
		name,
		runs.at(-1)?.data?.main[0]?.[0]?.json ?? {},
	]);
	return {
		status,
		error: error === undefined ? undefined : `${error.message} ${error.description ?? ''}`,
		json: Object.fromEntries(json),
	};
}

/** Runs a workflow with n8n's CLI, in a process of its own beside the running server. */
export async function executeByCli(n8n: N8nInstance, id: string): Promise<RunOutcome> {
	const printed = await n8n.cli('execute', `--id=${id}`, '--rawOutput');
	// Other lines of n8n's stand before it, and sometimes behind it.
	const start = printed.search(/^\{$/m);
	const end = printed.indexOf('\n}\n', start);
	if (start < 0 || end < 0) throw new Error(`n8n did not print the run as JSON: ${printed}`);
	const run = JSON.parse(printed.slice(start, end + 2)) as {
		status?: string;
		data: RunData;
	};
	return outcome(run.status ?? 'success', run.data);
}

interface StoredExecution {
	readonly status: string;
	/** In the format of the package flatted. */
	readonly data: string;
}

const POLL_MS = 200;
const UNFINISHED = ['new', 'running', 'waiting', 'unknown'];

/** Starts a workflow in the running server, as the button 'Execute workflow' does; the execution's id. */
export async function startInServer(
	n8n: N8nInstance,
	id: string,
	trigger: string,
): Promise<string> {
	const body = { triggerToStartFrom: { name: trigger } };
	const answer = (await n8n.call('POST', `/workflows/${id}/run`, body)) as { executionId?: string };
	if (answer.executionId === undefined) throw new Error(`n8n did not start the workflow ${id}`);
	return answer.executionId;
}

/** Waits for the end of an execution in the running server. */
export async function waitForExecution(n8n: N8nInstance, executionId: string): Promise<RunOutcome> {
	for (;;) {
		const run = (await n8n.call('GET', `/executions/${executionId}`)) as StoredExecution;
		if (!UNFINISHED.includes(run.status)) return outcome(run.status, parse(run.data) as RunData);
		await sleep(POLL_MS);
	}
}

/** What the stop button of the editor does. */
export async function stopInServer(n8n: N8nInstance, executionId: string): Promise<void> {
	await n8n.call('POST', `/executions/${executionId}/stop`);
}
