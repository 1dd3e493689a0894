import type { ArtifactEntry } from '../artifact/index.ts';
import { EngineError } from '../core/index.ts';
import type { DumpCheck, DumpSummary, ExpectedContent } from '../sql/index.ts';

/** What the backup wrote into the manifest; its shape was checked when the manifest was made. */
export function expectedContent({ details }: ArtifactEntry): ExpectedContent {
	const lists = ['tables', 'views', 'routines', 'triggers', 'events', 'sequences'];
	const complete = lists.every((name) => Array.isArray(details[name]));
	if (complete && typeof details.database === 'object' && details.database !== null) {
		return details as unknown as ExpectedContent;
	}
	throw new EngineError('manifest_invalid', 'The manifest does not describe its SQL artifact', {
		remedy: 'It was changed. Use another copy of the set, or restore the dump as a file.',
	});
}

/**
 * What a look through a dump would find, from the manifest of a set that lists its frames. `undefined`
 * where the manifest does not tell all of it.
 */
export function manifestCheck({ frames, details }: ArtifactEntry): DumpCheck | undefined {
	const counts = ['statements', 'bytes', 'largestStatementBytes'];
	const lists = ['tables', 'views', 'routines', 'triggers', 'events', 'definers'];
	const complete =
		frames !== undefined &&
		counts.every((name) => Number.isSafeInteger(details[name])) &&
		lists.every((name) => Array.isArray(details[name]));
	if (!complete) return undefined;
	const summary = details as unknown as DumpSummary;
	const tables = summary.tables.map(({ name, rows }) => ({ name, rows }));
	return {
		...{ bytes: summary.bytes, statements: summary.statements, origin: 'ours', tables },
		rows: tables.reduce((sum, { rows }) => sum + rows, 0),
		views: summary.views.length,
		routines: summary.routines.length,
		triggers: summary.triggers.length,
		events: summary.events.length,
		largestStatementBytes: summary.largestStatementBytes,
		definers: summary.definers,
	};
}
