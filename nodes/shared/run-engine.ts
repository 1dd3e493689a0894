import type { IExecuteFunctions } from 'n8n-workflow';

import { EngineError, type HttpPort, type Ports } from '../../lib/core/index.ts';
import { type JobInput, type JobName, type JobOutput, runJob } from '../../lib/worker/index.ts';
import type { ItemBinaryStore } from './binary-store.ts';
import { pathPolicy } from './file-access.ts';
import { progressMessages } from './progress-messages.ts';

function noHttp(): never {
	throw new EngineError('internal', 'This node does not speak HTTP');
}

const NO_HTTP: HttpPort = { request: async () => noHttp() };

/** Runs a job of the engine for one item, with n8n's services as its ports. */
export async function runEngine<Name extends JobName>(
	context: IExecuteFunctions,
	name: Name,
	input: JobInput<Name>,
	binary: ItemBinaryStore,
): Promise<JobOutput<Name>> {
	return await runServerJob(context, name, input, { binary, http: NO_HTTP });
}

/** The same for a job that speaks to a CaosDB server: `http` signs its requests on this thread. */
export async function runServerJob<Name extends JobName>(
	context: IExecuteFunctions,
	name: Name,
	input: JobInput<Name>,
	{ binary, http }: { readonly binary: ItemBinaryStore; readonly http: HttpPort },
): Promise<JobOutput<Name>> {
	const ports: Ports = { http, paths: pathPolicy(context.helpers), binary };
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	return await runJob(name, input, { signal, ports, onProgress: progressMessages(context) });
}
