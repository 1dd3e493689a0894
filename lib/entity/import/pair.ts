import type { IdMapEntry } from './id-map-line.ts';
import type { IdMap } from './id-map.ts';

/** State of both sides after a transfer, in whichever direction. */
export interface TransferredState {
	readonly targetVersion: string | null;
	readonly sourceVersion: string | null;
	/** Of the source's content; null: it came from the target. */
	readonly hash: string | null;
}

/** What is known of an entity that was transferred before. */
export interface KnownPair {
	readonly target: string;
	readonly states: readonly TransferredState[];
	/** Whether an import of this direction inserted it. */
	readonly isMade: boolean;
}

/**
 * The id maps of a pair of servers: the one of this direction, and that of the other one when there is one, so
 * that what came from the target is recognised and not sent back as if it were new.
 */
export class ImportPair {
	readonly #map: IdMap;
	readonly #back: IdMap | undefined;

	constructor(map: IdMap, back: IdMap | undefined) {
		this.#map = map;
		this.#back = back;
	}

	/** By the source's key, see `sourceKey`. */
	known(key: string): KnownPair | undefined {
		const entry = this.#map.get(key);
		const back = this.#entryBack(key);
		const target = entry?.target ?? back?.source;
		if (target === undefined) return undefined;
		const states: TransferredState[] = entry === undefined ? [] : [entry];
		if (back?.source === target) {
			const { targetVersion: sourceVersion, sourceVersion: targetVersion } = back;
			states.push({ sourceVersion, targetVersion, hash: null });
		}
		return { target, states, isMade: entry?.isMade ?? false };
	}

	targetOf(key: string): string | undefined {
		return this.#map.targetOf(key) ?? this.#back?.sourceOf(key);
	}

	/** The target's version that came of this one of the source. */
	targetVersion(key: string, version: string): string | undefined {
		const states = this.known(key)?.states ?? [];
		return (
			states.find(({ sourceVersion }) => sourceVersion === version)?.targetVersion ?? undefined
		);
	}

	/** Whether an import put this entity on the target, or has seen it there. */
	isKnownTarget(target: string): boolean {
		return this.#map.sourceOf(target) !== undefined;
	}

	/** Appends, and waits until it is on the disk. */
	async put(entries: readonly IdMapEntry[]): Promise<void> {
		await this.#map.put(entries);
	}

	async remove(keys: readonly string[]): Promise<void> {
		await this.#map.remove(keys);
	}

	/** What this direction transferred. */
	*entries(): Generator<IdMapEntry> {
		for (const key of this.#map.sources()) {
			const entry = this.#map.get(key);
			if (entry !== undefined) yield entry;
		}
	}

	#entryBack(key: string): IdMapEntry | undefined {
		const target = this.#back?.sourceOf(key);
		return target === undefined ? undefined : this.#back?.get(target);
	}
}
