import { EngineError } from '../core/index.ts';
import { type BytePath, memberPath, toText, withoutOldPrefix } from './byte-path.ts';
import { NOTES } from './root-place.ts';

/** How the members are named: `./…`, or below the prefix that older releases of LinkAhead wrote. */
export type Layout = 'relative' | 'oldPrefix';

function notOurs(path: BytePath): BytePath {
	if (!NOTES.test(path)) return path;
	throw new EngineError('tree_entry_unsafe', `The archive has the name '${toText(path)}'`, {
		remedy:
			'It was made by another program while an unfinished restore lay in the file root, or to mislead the next one. Remove that there and archive again.',
		details: { name: toText(path) },
	});
}

/** Maps members to paths below the target; the first member tells the layout for all. */
export class MemberLayout {
	#layout: Layout | undefined;

	get layout(): Layout {
		return this.#layout ?? 'relative';
	}

	/**
	 * Throws `tree_entry_unsafe` for names that lead out, that leave the common prefix, or that a restore
	 * would take for its own notes.
	 */
	pathOf(name: BytePath): BytePath {
		const path = memberPath(name);
		const below = name.startsWith('./') ? undefined : withoutOldPrefix(path);
		this.#layout ??= below === undefined ? 'relative' : 'oldPrefix';
		if (this.#layout === 'relative') return notOurs(path);
		if (below !== undefined) return notOurs(below);
		throw new EngineError(
			'tree_entry_unsafe',
			`The archive has '${toText(name)}' beside members below opt/caosdb/mnt/caosroot`,
			{ remedy: 'It is not an archive of one file root. Extract it with tar and look into it.' },
		);
	}
}
