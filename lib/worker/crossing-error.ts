import { EngineError, type ErrorCode, type ErrorDetails, toEngineError } from '../core/index.ts';

/** An EngineError as plain data: structured clone would keep only its message. */
export interface CrossingError {
	readonly code: ErrorCode;
	readonly message: string;
	readonly remedy: string | undefined;
	readonly details: ErrorDetails;
	readonly stack: string | undefined;
	/** The chain of causes as text, for the log. */
	readonly cause: string | undefined;
}

const CAUSE_DEPTH_MAX = 5;

function causeText(error: unknown, depth = 0): string | undefined {
	if (!(error instanceof Error) || depth === CAUSE_DEPTH_MAX) return undefined;
	const inner = causeText(error.cause, depth + 1);
	const own = `${error.name}: ${error.message}`;
	return inner === undefined ? own : `${own} ← ${inner}`;
}

export function packError(error: unknown): CrossingError {
	const { code, message, remedy, details, stack, cause } = toEngineError(error);
	return { code, message, remedy, details, stack, cause: causeText(cause) };
}

export function unpackError(packed: CrossingError): EngineError {
	const { code, message, remedy, details, stack, cause } = packed;
	const error = new EngineError(code, message, {
		remedy,
		details,
		cause: cause === undefined ? undefined : new Error(cause),
	});
	if (stack !== undefined) error.stack = stack;
	return error;
}
