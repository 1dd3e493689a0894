import ignore, { type Ignore } from 'ignore';

import { type EngineContext, EngineError } from '../core/index.ts';
import { type BytePath, toText } from './byte-path.ts';
import { type Layout, MemberLayout } from './member-layout.ts';
import { TarReader } from './tar-reader.ts';
import { Turns } from './turns.ts';

/** The library remembers every path that it was asked about: a fresh one now and then keeps memory flat. */
const QUESTIONS_PER_MATCHER = 20_000;
/** Second names of files that were not chosen themselves. */
const ALIASES_MAX = 100_000;

/** Which members are to be restored. */
export class MemberChoice {
	readonly #patterns: readonly string[];
	readonly #aliases = new Map<BytePath, BytePath>();
	#matcher: Ignore;
	#questions = 0;

	/** Paths below the root and patterns, as `.gitignore` has them. Throws `invalid_option`. */
	constructor(patterns: readonly string[]) {
		if (!patterns.some((pattern) => pattern.trim() !== '')) {
			throw new EngineError('invalid_option', 'No path to restore is given', {
				remedy: "Give paths below the file root as in 'images/2024/', or patterns as in '*.csv'.",
			});
		}
		this.#patterns = patterns.map((pattern) => pattern.trim().replace(/^\.\//, '/'));
		this.#matcher = this.#newMatcher();
	}

	takes(path: BytePath, isFolder: boolean): boolean {
		if (path === '') return false;
		if (++this.#questions % QUESTIONS_PER_MATCHER === 0) this.#matcher = this.#newMatcher();
		return this.#matcher.ignores(`${toText(path)}${isFolder ? '/' : ''}`);
	}

	/** A second name was chosen, the first one was not: the content is restored under the second. */
	addAlias(target: BytePath, path: BytePath): void {
		if (this.takes(target, false) || this.#aliases.has(target)) return;
		this.#aliases.set(target, path);
		if (this.#aliases.size <= ALIASES_MAX) return;
		throw new EngineError('limit_exceeded', `More than ${ALIASES_MAX} hard links were chosen`, {
			remedy: 'Choose the files that they are second names of as well, or fewer paths.',
		});
	}

	/** Under which name the content of a file that was not chosen is restored, if at all. */
	aliasOf(path: BytePath): BytePath | undefined {
		return this.#aliases.get(path);
	}

	#newMatcher(): Ignore {
		return ignore({ ignorecase: false, allowRelativePaths: true }).add([...this.#patterns]);
	}
}

export interface ChosenMembers {
	readonly choice: MemberChoice;
	/** How many entries of the archive are chosen. */
	readonly entries: number;
	readonly layout: Layout;
}

/**
 * Reads an archive to its end to find what patterns choose. Throws `invalid_option` when that is
 * nothing, and what `TarReader` throws.
 */
export async function chooseMembers(
	chunks: AsyncIterable<Uint8Array>,
	patterns: readonly string[],
	{ signal }: EngineContext,
): Promise<ChosenMembers> {
	const choice = new MemberChoice(patterns);
	const layout = new MemberLayout();
	const turns = new Turns(signal);
	let entries = 0;
	for await (const { member } of new TarReader(chunks).members()) {
		const path = layout.pathOf(member.name);
		if (turns.isDue) await turns.take();
		if (!choice.takes(path, member.type === 'folder')) continue;
		entries++;
		if (member.type === 'hardLink') choice.addAlias(layout.pathOf(member.linkTarget), path);
	}
	if (entries > 0) return { choice, entries, layout: layout.layout };
	throw new EngineError('invalid_option', 'The archive has nothing of what was chosen', {
		remedy: `Paths begin below the file root, and case counts. Chosen was: ${patterns.slice(0, 3).join(', ')}`,
	});
}
