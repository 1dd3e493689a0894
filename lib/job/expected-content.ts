import type { ArtifactEntry } from '../artifact/index.ts';
import { EngineError } from '../core/index.ts';
import type { ExpectedContent } from '../sql/index.ts';

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
