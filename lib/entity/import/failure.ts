import { EngineError, toEngineError } from '../../core/index.ts';
import { entityLabel } from '../entity-id.ts';
import type { NumberColumn } from './number-column.ts';
import type { PlanInput } from './plan.ts';
import type { SourceEntities } from './source.ts';
import type { ImportTable } from './table.ts';

const NAMED_CONFLICTS = 5;
const UNDONE_AT_ONCE = 100;

/** The error of a plan that cannot be carried out, naming the first entities. */
function conflictError(
	conflicts: ReadonlyArray<{ readonly label: string; readonly reason: string }>,
	count: number,
): EngineError {
	const named = conflicts.map(({ label, reason }) => `${label}: ${reason}`).join('; ');
	const more = count > conflicts.length ? `; and ${count - conflicts.length} more` : '';
	return new EngineError(
		'import_conflict',
		`${count === 1 ? 'One entity' : `${count} entities`} cannot be imported as they are: ${named}${more}`,
		{
			remedy:
				'Nothing was changed. Look at the differences with Dry Run, then choose what to do on a conflict, or correct source or target.',
			details: { conflicts: count },
		},
	);
}

/** Throws `import_conflict` when the plan cannot be carried out. */
export function assertNoConflict(source: SourceEntities, table: ImportTable): void {
	const count = table.count('conflict');
	if (count === 0) return;
	const conflicts: Array<{ label: string; reason: string }> = [];
	for (let index = 0; index < source.count; index++) {
		if (table.action(index) !== 'conflict') continue;
		const reason = table.note(index).messages.join('; ');
		conflicts.push({ label: entityLabel(source.entity(index)), reason });
		if (conflicts.length === NAMED_CONFLICTS) break;
	}
	throw conflictError(conflicts, count);
}

/** Deletes what a run inserted, the last first. Returns the error of the run, which says so. */
export async function undoInserts(
	inserted: NumberColumn<Int32Array>,
	cause: unknown,
	{ client, pair, source, table }: PlanInput,
): Promise<EngineError> {
	const error = toEngineError(cause);
	const { remedy, details } = error;
	const count = inserted.length;
	let left = count;
	try {
		while (left > 0) {
			const first = Math.max(0, left - UNDONE_AT_ONCE);
			const some: number[] = [];
			for (let at = left - 1; at >= first; at--) some.push(inserted.get(at));
			await client.remove(some.flatMap((index) => table.target(index) ?? []));
			await pair.remove(some.flatMap((index) => source.key(index) ?? []));
			left = first;
		}
	} catch (failure) {
		const message = `${error.message}. Of ${count} inserted entities, ${left} could not be deleted again: ${toEngineError(failure).message}`;
		return new EngineError(error.code, message, { remedy, details: { ...details, left }, cause });
	}
	const message = `${error.message}. What this run had inserted (${count}) was deleted again`;
	return new EngineError(error.code, message, { remedy, details, cause });
}

/** Says how far a run came: the next one goes on from there. */
export function withProgress(cause: unknown, inserted: number): EngineError {
	const error = toEngineError(cause);
	if (inserted === 0 || error.code === 'cancelled' || error.code === 'internal') return error;
	const message = `${error.message}. ${inserted} entities were inserted before; the next run goes on after them`;
	return new EngineError(error.code, message, {
		remedy: error.remedy,
		details: { ...error.details, inserted },
		cause,
	});
}
