import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import { serverPresence } from '../../lib/entity/index.ts';
import { anonymousHttp, serverAccessOf } from '../shared/server-credential.ts';

export const ALLOW_RUNNING_SERVER: INodeProperties = {
	displayName: 'Allow Running Server',
	name: 'allowRunningServer',
	type: 'boolean',
	default: false,
	description:
		'Whether to go on although the server of the credential CaosDB Server API answers. It would mix old and new content.',
};

/**
 * With the credential of the CaosDB server given, refuses while that server answers: it would go on with the old
 * content in mind, and write into the new. `options` is the collection with ALLOW_RUNNING_SERVER. Throws
 * `server_running`.
 */
export async function demandServerStopped(
	context: IExecuteFunctions,
	itemIndex: number,
	options?: string,
): Promise<void> {
	if (context.getNode().credentials?.caosDbApi === undefined) return;
	const isAllowed =
		options !== undefined &&
		context.getNodeParameter(`${options}.allowRunningServer`, itemIndex, false) === true;
	if (isAllowed) return;
	const access = await serverAccessOf(context, itemIndex);
	const found = await serverPresence(anonymousHttp(context, access));
	const { host } = new URL(access.place.baseUrl);
	if (found.kind === 'silent') {
		context.logger.info(`The CaosDB server at ${host} counts as stopped: ${found.reason}`);
		return;
	}
	throw new EngineError('server_running', `The CaosDB server at ${host} is running`, {
		remedy:
			"Stop it first, e.g. with `lactl stop` or `systemctl stop linkahead`; the SQL server goes on. Or set 'Allow Running Server'.",
		details: { server: host },
	});
}
