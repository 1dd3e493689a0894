import type { MemberCounts } from './member.ts';
import type { Layout } from './member-layout.ts';

export interface ExtractReport extends MemberCounts {
	readonly layout: Layout;
	/** Links whose targets do not exist here, and the first of them as `path → target`. */
	readonly danglingLinks: number;
	readonly danglingLinkExamples: readonly string[];
	/** Links whose targets were changed as asked. */
	readonly rewrittenLinks: number;
	/** True when the remains of a killed restore were removed first. */
	readonly clearedUnfinished: boolean;
	readonly warnings: readonly string[];
}

export function attributeWarnings(count: number): string[] {
	if (count === 0) return [];
	return [
		`${count} entries have extended attributes, access lists or security labels in the archive, which were not restored: GNU tar does it with --xattrs --acls --selinux.`,
	];
}

export function ownerWarnings(count: number): string[] {
	if (count === 0) return [];
	return [
		`${count} entries belong to the account that runs n8n now, not to the owner in the archive: only root can set owners.`,
	];
}
