import { EngineError } from '../core/index.ts';
import { type BytePath, memberPath, toText, withoutOldPrefix } from './byte-path.ts';

/** How the members are named: `./…`, or below the prefix that older releases of LinkAhead wrote. */
export type Layout = 'relative' | 'oldPrefix';

/** Maps members to paths below the target; the first member tells the layout for all. */
export class MemberLayout {
	#layout: Layout | undefined;

	get layout(): Layout {
		return this.#layout ?? 'relative';
	}

	/** Throws `tree_entry_unsafe` for names that lead out, or that leave the common prefix. */
	pathOf(name: BytePath): BytePath {
		const path = memberPath(name);
		const below = name.startsWith('./') ? undefined : withoutOldPrefix(path);
		this.#layout ??= below === undefined ? 'relative' : 'oldPrefix';
		if (this.#layout === 'relative') return path;
		if (below !== undefined) return below;
		throw new EngineError(
			'tree_entry_unsafe',
			`The archive has '${toText(name)}' beside members below opt/caosdb/mnt/caosroot`,
			{ remedy: 'It is not an archive of one file root. Extract it with tar and look into it.' },
		);
	}
}
