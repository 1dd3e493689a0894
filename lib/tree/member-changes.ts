import { EngineError } from '../core/index.ts';
import { type BytePath, fromText } from './byte-path.ts';
import type { Member } from './member.ts';

/** What a restore makes different from the archive. Plain data; default: nothing. */
export interface MemberChanges {
	/** Owner of everything; only root can set it. */
	readonly owner?: { readonly uid: number; readonly gid: number };
	/** Permission bits of all folders and files. */
	readonly modes?: { readonly folders: number; readonly files: number };
	/** Symbolic links to `from`, or below it, lead to `to` instead; both are absolute. */
	readonly links?: { readonly from: string; readonly to: string };
}

function prefix(path: string): BytePath {
	if (path.startsWith('/')) return fromText(path.replace(/\/+$/, ''));
	throw new EngineError('invalid_option', `'${path}' is not an absolute path`, {
		remedy: "Links are rewritten from one absolute folder to another: begin both with '/'.",
	});
}

export class MemberChanger {
	readonly #changes: MemberChanges;
	readonly #from: BytePath | undefined;
	readonly #to: BytePath;
	#rewritten = 0;

	/** Throws `invalid_option`. */
	constructor(changes: MemberChanges = {}) {
		this.#changes = changes;
		const { links } = changes;
		this.#from = links === undefined ? undefined : prefix(links.from);
		this.#to = links === undefined ? '' : prefix(links.to);
	}

	get rewrittenLinks(): number {
		return this.#rewritten;
	}

	changed(member: Member): Member {
		const { owner, modes } = this.#changes;
		const owned = owner === undefined ? member : { ...member, ...owner };
		if (member.type === 'symbolicLink') return { ...owned, linkTarget: this.#target(member) };
		if (modes === undefined) return owned;
		return { ...owned, mode: member.type === 'folder' ? modes.folders : modes.files };
	}

	#target({ linkTarget }: Member): BytePath {
		const from = this.#from;
		if (from === undefined) return linkTarget;
		if (linkTarget !== from && !linkTarget.startsWith(`${from}/`)) return linkTarget;
		this.#rewritten++;
		return `${this.#to}${linkTarget.slice(from.length)}` || '/';
	}
}
