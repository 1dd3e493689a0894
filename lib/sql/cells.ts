import { EngineError } from '../core/index.ts';
import type { Cell } from './connection.ts';

/** The parse functions for rows of metadata; the connection hands over bytes only. */

export function optionalText(cell: Cell | undefined): string | null {
	return cell === null || cell === undefined ? null : cell.toString('utf8');
}

/** Throws `internal` when the server sent NULL where its documentation promises a value. */
export function text(cell: Cell | undefined): string {
	const value = optionalText(cell);
	if (value === null)
		throw new EngineError('internal', 'The server left out a value of its catalog');
	return value;
}

/** A safe integer; throws `internal` for anything else. */
export function integer(cell: Cell | undefined): number {
	const value = Number(text(cell));
	if (!Number.isSafeInteger(value)) {
		throw new EngineError('internal', `The server sent ${text(cell)} where a count was expected`);
	}
	return value;
}
