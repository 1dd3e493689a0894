import { EngineError } from '../core/index.ts';
import type { MemberCounts, MemberTally } from './member.ts';

const KEYS = ['files', 'folders', 'symbolicLinks', 'hardLinks', 'contentBytes'] as const;

/** How many of what an archive must hold, by its manifest. */
export type ExpectedCounts = Pick<MemberCounts, (typeof KEYS)[number]>;

/** What the person allows an archive to hold. Default: anything. */
export interface MemberLimits {
	readonly entries?: number;
	/** Sum of the sizes of the files. */
	readonly bytes?: number;
}

function different(what: string): EngineError {
	return new EngineError('tree_verify_failed', `The archive has ${what}`, {
		remedy:
			'It is not the one that its manifest describes, or it changed while it was read. Use another copy.',
	});
}

function tooMuch(what: string, limit: number): EngineError {
	return new EngineError('limit_exceeded', `The archive has more than ${limit} ${what}`, {
		remedy: 'Raise the limit if you trust this archive. Nothing of it was kept.',
	});
}

/** Ends a restore as soon as an archive has more than it should, and at its end when it has less. */
export class CountGuard {
	readonly #expected: ExpectedCounts | undefined;
	readonly #entriesMax: number;
	readonly #bytesMax: number;
	readonly #tally: MemberTally;

	constructor(
		tally: MemberTally,
		expected: ExpectedCounts | undefined,
		{ entries = Infinity, bytes = Infinity }: MemberLimits = {},
	) {
		this.#tally = tally;
		this.#expected = expected;
		this.#entriesMax = entries;
		this.#bytesMax = bytes;
	}

	/** To be asked when a member was counted, before anything is made of it. */
	check(): void {
		const { entries, contentBytes } = this.#tally;
		if (entries > this.#entriesMax) throw tooMuch('entries', this.#entriesMax);
		if (contentBytes > this.#bytesMax) throw tooMuch('bytes', this.#bytesMax);
		if (this.#expected === undefined) return;
		const { files, folders, symbolicLinks, hardLinks, contentBytes: bytes } = this.#expected;
		if (entries > files + folders + symbolicLinks + hardLinks) {
			throw different('more entries than its manifest says');
		}
		if (contentBytes > bytes) throw different('more bytes than its manifest says');
	}

	end(): void {
		const expected = this.#expected;
		if (expected === undefined) return;
		const found = this.#tally.counts();
		const key = KEYS.find((candidate) => found[candidate] !== expected[candidate]);
		if (key === undefined) return;
		throw different(`${found[key]} instead of ${expected[key]} (${key})`);
	}
}
