import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { NO_PORTS } from '../shared/no-ports.ts';
import { toNodeError } from '../shared/node-error.ts';
import { sqlAccess } from '../shared/sql-credential.ts';
import { runJob } from '../../lib/worker/index.ts';

type Kind = 'table' | 'view';

async function choices(
	context: ILoadOptionsFunctions,
	kinds: readonly Kind[],
): Promise<INodePropertyOptions[]> {
	try {
		const access = sqlAccess(await context.getCredentials('caosDbSqlApi'));
		const { signal } = new AbortController();
		const tables = await runJob('sqlTables', access, { signal, ports: NO_PORTS });
		return tables
			.filter(({ kind }) => kinds.includes(kind))
			.map(({ name, description }) => ({ name, value: name, description }));
	} catch (error) {
		throw toNodeError(context.getNode(), error, 0);
	}
}

/** The tables of the credential's database. */
export async function getTables(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await choices(this, ['table']);
}

/** Its tables and views. */
export async function getTablesAndViews(
	this: ILoadOptionsFunctions,
): Promise<INodePropertyOptions[]> {
	return await choices(this, ['table', 'view']);
}
