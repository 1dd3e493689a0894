import { EngineError, type ErrorCode } from './errors.ts';

interface SystemErrorText {
	readonly code: ErrorCode;
	readonly message: (path: string) => string;
	readonly remedy: string;
}

const NOT_PERMITTED: SystemErrorText = {
	code: 'path_not_permitted',
	message: (path) => `The process may not access ${path}`,
	remedy: 'Give the account that runs n8n the right to read and write there.',
};

const NO_SPACE: SystemErrorText = {
	code: 'disk_full',
	message: (path) => `No space is left for ${path}`,
	remedy: 'Free space on that file system, or choose another folder.',
};

const TEXTS: Readonly<Record<string, SystemErrorText>> = {
	ENOENT: {
		code: 'path_missing',
		message: (path) => `${path} does not exist`,
		remedy: 'Check the path as the machine (or container) that runs n8n sees it.',
	},
	ENOTDIR: {
		code: 'path_not_a_folder',
		message: (path) => `${path} is not a folder`,
		remedy: 'Choose a folder.',
	},
	EEXIST: {
		code: 'path_exists',
		message: (path) => `${path} exists already`,
		remedy: 'Choose another name, or remove what is there.',
	},
	EACCES: NOT_PERMITTED,
	EPERM: NOT_PERMITTED,
	EROFS: {
		code: 'path_read_only',
		message: (path) => `${path} lies on a read-only file system`,
		remedy: 'Mount it writable, or choose another folder.',
	},
	ENAMETOOLONG: {
		code: 'limit_exceeded',
		message: (path) =>
			`${path} or a path below it is longer than Linux takes: 4,095 bytes, and 255 for one name`,
		remedy:
			'Choose a folder with a shorter path. A restore needs up to 120 bytes more, for a folder of its own.',
	},
	ENOSPC: NO_SPACE,
	EDQUOT: NO_SPACE,
};

export function systemErrorCode(error: unknown): string | undefined {
	if (!(error instanceof Error) || !('code' in error)) return undefined;
	return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The EngineError for a failed file operation. `path` is what the person knows the place by, not the
 * path that was used. An EngineError stays itself.
 */
export function fileError(error: unknown, path: string): EngineError {
	if (error instanceof EngineError) return error;
	const text = TEXTS[systemErrorCode(error) ?? ''];
	if (text !== undefined) {
		return new EngineError(text.code, text.message(path), {
			remedy: text.remedy,
			details: { path },
			cause: error,
		});
	}
	return new EngineError('io_failed', `Reading or writing ${path} failed`, {
		remedy: 'Look at the health of that file system; the cause is in the log.',
		details: { path, system: systemErrorCode(error) ?? 'unknown' },
		cause: error,
	});
}
