import { EngineError } from '../core/index.ts';

/** `offset`: bytes of the dump before the place. */
export function truncatedDump(offset: number): EngineError {
	return new EngineError('artifact_truncated', 'The SQL dump ends in the middle of a statement', {
		remedy: 'The file was cut, for example by a full disk or a broken transfer. Use another copy.',
		details: { offset },
	});
}

/** The dump ends between two statements, and its program writes no last line. */
export function unmarkedDump(offset: number): EngineError {
	return new EngineError('artifact_truncated', 'Nothing in the SQL dump says that it is complete', {
		remedy:
			"mysqldump and mariadb-dump write a last line 'Dump completed' unless told not to (--compact, --skip-comments); phpMyAdmin and mydumper have none. When you know that the file is whole, switch 'Require End of Dump' off.",
		details: { offset },
	});
}

export function oversizedStatement(offset: number, limitBytes: number): EngineError {
	return new EngineError('limit_exceeded', 'A statement of the dump is larger than 1 GiB', {
		remedy: 'No server accepts such a statement; the file is probably not an SQL dump.',
		details: { offset, limitBytes },
	});
}
