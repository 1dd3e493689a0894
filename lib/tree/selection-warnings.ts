import type { LinkSummary } from './link-survey.ts';
import type { FilterSummary } from './selection.ts';
import type { SkipSummary } from './skip-log.ts';

function entries(count: number, one: string, many: string): string {
	return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** What a person should know about what is not in an archive. */
export function selectionWarnings(found: LinkSummary & FilterSummary & SkipSummary): string[] {
	const warnings: string[] = [];
	const [example] = found.skipped;
	if (found.skippedEntries > 0) {
		warnings.push(
			`${entries(found.skippedEntries, 'entry was', 'entries were')} skipped, for example: ${example?.message ?? ''}.`,
		);
	}
	if (found.linksOutside > 0) {
		warnings.push(
			`${entries(found.linksOutside, 'symbolic link leads', 'symbolic links lead')} out of the file root: the links are in the archive, what they lead to is not.`,
		);
	}
	if (found.linkLoops > 0) {
		warnings.push(
			`${entries(found.linkLoops, 'link leads', 'links lead')} back to a folder above: kept as links, not followed.`,
		);
	}
	const { excludedEntries, tooLargeFiles, otherFileSystems } = found;
	const said = [
		excludedEntries > 0 && entries(excludedEntries, 'entry by pattern', 'entries by pattern'),
		tooLargeFiles > 0 && entries(tooLargeFiles, 'file for its size', 'files for their size'),
		otherFileSystems > 0 &&
			entries(otherFileSystems, 'mounted file system', 'mounted file systems'),
	].filter((text) => text !== false);
	if (said.length > 0) warnings.push(`Left out as chosen: ${said.join(', ')}.`);
	return warnings;
}
