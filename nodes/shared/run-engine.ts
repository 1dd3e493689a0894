import type { IExecuteFunctions } from 'n8n-workflow';

import { EngineError, type Ports } from '../../lib/core/index.ts';
import { type JobInput, type JobName, type JobOutput, runJob } from '../../lib/worker/index.ts';
import type { ItemBinaryStore } from './binary-store.ts';
import { pathPolicy } from './file-access.ts';
import { progressMessages } from './progress-messages.ts';

function noHttp(): never {
	throw new EngineError('internal', 'This node does not speak HTTP');
}

/** Runs a job of the engine for one item, with n8n's services as its ports. */
export async function runEngine<Name extends JobName>(
	context: IExecuteFunctions,
	name: Name,
	input: JobInput<Name>,
	binary: ItemBinaryStore,
): Promise<JobOutput<Name>> {
	const ports: Ports = {
		http: { request: async () => noHttp() },
		paths: pathPolicy(context.helpers),
		binary,
	};
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	return await runJob(name, input, { signal, ports, onProgress: progressMessages(context) });
}
