import type { BigIntStats } from 'node:fs';

import type { BytePath } from './byte-path.ts';

/** First name in the archive of every file with several names. */
export class FirstNames {
	readonly #names = new Map<string, BytePath>();

	/** The member that has this file's content already. */
	of(stats: BigIntStats): BytePath | undefined {
		return stats.nlink > 1n ? this.#names.get(inodeOf(stats)) : undefined;
	}

	/** To be called when the content stands in the archive, not before: it may be skipped. */
	add(stats: BigIntStats, name: BytePath): void {
		if (stats.nlink > 1n) this.#names.set(inodeOf(stats), name);
	}
}

function inodeOf({ dev, ino }: BigIntStats): string {
	return `${dev}:${ino}`;
}
