import { type INode, type JsonObject, NodeApiError, NodeOperationError } from 'n8n-workflow';

import { EngineError, type ErrorCode, toEngineError } from '../../lib/core/index.ts';

/** What another server answered, as opposed to what was asked of us. */
const SERVER_CODES: readonly ErrorCode[] = [
	'http_failed',
	'server_access_denied',
	'server_answer_invalid',
	'server_failed',
	'server_refused',
	'sql_access_denied',
	'sql_unreachable',
	'sql_tls_failed',
	'sql_connection_lost',
];

/** Defects go to error reporting, everything that a person can mend does not. */
const DEFECT_CODES: readonly ErrorCode[] = ['internal', 'worker_crashed', 'worker_out_of_memory'];

function asJson({ code, message, remedy, details }: EngineError): JsonObject {
	return { code, message, remedy: remedy ?? '', details: { ...details } };
}

/** The n8n error of an engine's error; the only place where one becomes the other. */
export function toNodeError(
	node: INode,
	caught: unknown,
	itemIndex: number,
): NodeOperationError | NodeApiError {
	if (caught instanceof NodeOperationError || caught instanceof NodeApiError) return caught;
	const error = toEngineError(caught);
	const { code, message, remedy } = error;
	const level = DEFECT_CODES.includes(code) ? ('error' as const) : ('warning' as const);
	const description = remedy ?? '';
	const options = { message, description, itemIndex, level };
	const nodeError = SERVER_CODES.includes(code)
		? new NodeApiError(node, asJson(error), options)
		: new NodeOperationError(node, error, options);
	nodeError.context.code = code;
	nodeError.context.details = { ...error.details };
	return nodeError;
}

/** The output of an item that failed, when the user chose to go on: fit for a message. */
export function failedItem(caught: unknown, kind: string): JsonObject {
	const { code, message, remedy = '', details } = toEngineError(caught);
	return {
		kind,
		status: 'failed',
		code,
		message,
		remedy,
		summary: remedy === '' ? `${message}.` : `${message}. ${remedy}`,
		details: { ...details },
	};
}

/**
 * The same for 'Continue (using error output)': n8n tells an item for that output by these three fields
 * and no other, and adds those of the input item.
 */
export function routedItem(failed: JsonObject): JsonObject {
	const { message = '', summary = '' } = failed;
	return { error: message, message: summary, details: failed };
}
