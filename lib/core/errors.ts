/**
 * The one error family of the engines. Every failure that a person may meet carries a code from the
 * closed list below; docs/errors.md explains each, and a test keeps both in step.
 */
export const ERROR_CODES = [
	// The request itself
	'invalid_option',
	'cancelled',
	'limit_exceeded',
	'internal',
	// The worker thread
	'worker_crashed',
	'worker_out_of_memory',
	// Folders and files
	'path_blocked',
	'path_missing',
	'path_exists',
	'path_not_a_folder',
	'path_not_empty',
	'path_not_permitted',
	'path_read_only',
	'disk_full',
	'io_failed',
	// Backup files and sets
	'artifact_missing',
	'artifact_truncated',
	'artifact_corrupt',
	'artifact_unknown_format',
	'manifest_missing',
	'manifest_invalid',
	'set_busy',
	// n8n's binary store and HTTP
	'binary_missing',
	'binary_too_large',
	'http_failed',
	// SQL servers
	'sql_access_denied',
	'sql_unreachable',
	'sql_tls_failed',
	'sql_connection_lost',
	'sql_database_missing',
	'sql_database_not_empty',
	'sql_privilege_missing',
	'sql_server_unsupported',
	'sql_object_unsupported',
	'sql_statement_failed',
	'sql_setting_required',
	'sql_verify_failed',
	'sql_database_in_use',
	'sql_restore_unfinished',
	// The SSH server before an SQL server
	'ssh_access_denied',
	'ssh_host_key_untrusted',
	'ssh_unreachable',
	// CaosDB servers
	'server_access_denied',
	'server_answer_invalid',
	'server_changed',
	'server_failed',
	'server_outcome_unknown',
	'server_refused',
	'server_running',
	// Entities and their documents
	'entity_file_corrupt',
	'entity_file_missing',
	'entity_missing',
	'entity_reference_unknown',
	'entity_unwritable',
	'id_map_invalid',
	'import_conflict',
	'import_undecided',
	'xml_invalid',
	// File trees
	'tree_entry_changed',
	'tree_entry_unreadable',
	'tree_entry_unsafe',
	'tree_entry_unsupported',
	'tree_files_missing',
	'tree_verify_failed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts about a failure for programs: names, counts, offsets. Never a password, never file content. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

export interface EngineErrorOptions {
	/** What the person does next, as one or two sentences. */
	readonly remedy?: string | undefined;
	readonly details?: ErrorDetails | undefined;
	readonly cause?: unknown;
}

/**
 * A failure of an engine. `message` says what happened and where, `remedy` what to do next.
 * Neither may contain a secret, and neither names a system code such as ECONNREFUSED: n8n replaces
 * messages that contain one with a text of its own.
 */
export class EngineError extends Error {
	readonly code: ErrorCode;
	readonly remedy: string | undefined;
	readonly details: ErrorDetails;

	constructor(code: ErrorCode, message: string, options: EngineErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = 'EngineError';
		this.code = code;
		this.remedy = options.remedy;
		this.details = options.details ?? {};
	}
}

export function isErrorCode(value: unknown): value is ErrorCode {
	return ERROR_CODES.some((code) => code === value);
}

/** Wraps what was caught: an EngineError stays itself, anything else becomes `internal`. */
export function toEngineError(error: unknown): EngineError {
	if (error instanceof EngineError) return error;
	const text = error instanceof Error ? error.message : String(error);
	return new EngineError('internal', `Unexpected: ${text}`, {
		remedy: 'This is a defect of the package. Please report it with the execution log.',
		cause: error,
	});
}
