import { EngineError } from '../core/index.ts';

/** `offset`: bytes of the dump before the place. */
export function truncatedDump(offset: number): EngineError {
	return new EngineError('artifact_truncated', 'The SQL dump ends in the middle of a statement', {
		remedy: 'The file was cut, for example by a full disk or a broken transfer. Use another copy.',
		details: { offset },
	});
}

export function oversizedStatement(offset: number, limitBytes: number): EngineError {
	return new EngineError('limit_exceeded', 'A statement of the dump is larger than 1 GiB', {
		remedy: 'No server accepts such a statement; the file is probably not an SQL dump.',
		details: { offset, limitBytes },
	});
}
