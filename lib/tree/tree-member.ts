import type { Member } from './member.ts';
import type { SparseMap } from './sparse-map.ts';
import type { TreeEntry } from './walk.ts';

/** What a member has that its entry does not say. */
export interface MemberContent {
	readonly linkTarget?: string;
	readonly size?: number;
	readonly sparse?: SparseMap | undefined;
}

/** An entry of a tree as it stands in an archive: `./…`, folders with a slash at their end. */
export function memberOf(
	{ path, stats }: Pick<TreeEntry, 'path' | 'stats'>,
	type: Member['type'],
	{ linkTarget = '', size = 0, sparse }: MemberContent = {},
): Member {
	const suffix = type === 'folder' ? '/' : '';
	return {
		type,
		name: path === '' ? './' : `./${path}${suffix}`,
		linkTarget,
		mode: Number(stats.mode & 0o7777n),
		uid: Number(stats.uid),
		gid: Number(stats.gid),
		mtime: stats.mtimeNs,
		size,
		...(sparse === undefined ? {} : { sparse }),
	};
}
