import {
	type IDataObject,
	type INodeExecutionData,
	type IPollFunctions,
	NodeOperationError,
} from 'n8n-workflow';

import type { Ports } from '../../lib/core/index.ts';
import type { EntityChangeItem } from '../../lib/job/index.ts';
import { runJob } from '../../lib/worker/index.ts';
import { NO_PORTS } from '../shared/no-ports.ts';
import { toNodeError } from '../shared/node-error.ts';
import { type ServerAccess, serverAccess, serverHttp } from '../shared/server-credential.ts';
import { changesItem } from './changes-item.ts';
import { watchOf } from './watch.ts';

/** Polls under way, by workflow and node: n8n starts the next one on time, whether the last has ended or not. */
const underWay = new Set<string>();

function itemsOf(
	context: IPollFunctions,
	changes: readonly EntityChangeItem[],
): INodeExecutionData[] {
	const isOne = context.getNodeParameter('output') === 'poll';
	const all: readonly object[] = isOne ? [changesItem(changes)] : changes;
	return all.map((json) => ({ json: { ...json } as IDataObject }));
}

interface Poll {
	readonly access: ServerAccess;
	readonly watch: ReturnType<typeof watchOf>;
	readonly ports: Ports;
	readonly signal: AbortSignal;
}

async function open(context: IPollFunctions): Promise<Poll> {
	const access = serverAccess(await context.getCredentials('caosDbApi'));
	const watch = watchOf(context, access.place.baseUrl);
	const ports = { ...NO_PORTS, http: serverHttp(context, access) };
	return { access, watch, ports, signal: new AbortController().signal };
}

/** Something real to build the workflow with; the mark of the active workflow stays as it is. */
async function sample(context: IPollFunctions): Promise<INodeExecutionData[][]> {
	const { watch, ports, signal } = await open(context);
	const found = await runJob('entityChangeSample', { watch }, { signal, ports });
	if (found !== null) return [itemsOf(context, [found])];
	throw new NodeOperationError(context.getNode(), 'There is no entity to show as a sample', {
		description: 'Nothing is there that is watched. Insert an entity, or watch others.',
		level: 'warning',
	});
}

async function changes(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const memory = context.getWorkflowStaticData('node');
	const { watch, ports, signal } = await open(context);
	const input = { watch, cursor: memory.cursor };
	const found = await runJob('entityChanges', input, { signal, ports });
	memory.cursor = { ...found.cursor, floor: { ...found.cursor.floor } };
	const { name } = context.getNode();
	if (found.isFirst) context.logger.debug(`${name}: changes are found from now on`);
	if (found.hasMore) context.logger.info(`${name}: more events come with the next polls`);
	return found.changes.length === 0 ? null : [itemsOf(context, found.changes)];
}

/** Items for what changed since the poll before, or null; in manual mode a sample. */
export async function pollServer(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const isManual = context.getMode() === 'manual';
	const key = `${context.getWorkflow().id ?? ''}/${context.getNode().id}`;
	// Two polls from one mark would report the same; the next one finds what this one leaves.
	if (!isManual && underWay.has(key)) return null;
	try {
		if (isManual) return await sample(context);
		underWay.add(key);
		return await changes(context);
	} catch (error) {
		throw toNodeError(context.getNode(), error, 0);
	} finally {
		if (!isManual) underWay.delete(key);
	}
}
