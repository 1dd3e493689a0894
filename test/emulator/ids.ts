import { randomUUID } from 'node:crypto';

/** Numeric ids are what the official Python client can read; strings are what newer servers plan. */
export type IdKind = 'numeric' | 'string';

/** Ids below it belong to the server itself. */
const FIRST_NUMBER = 100;

/** Hands out ids; a number is never given twice, not even after a delete. */
export class IdSource {
	#kind: IdKind;
	#next: number;

	constructor(kind: IdKind, next = FIRST_NUMBER) {
		this.#kind = kind;
		this.#next = next;
	}

	get kind(): IdKind {
		return this.#kind;
	}

	/** The number that the next entity gets; to be saved. */
	get next(): number {
		return this.#next;
	}

	/** Goes on from a saved state. */
	restart(kind: IdKind, next: number): void {
		this.#kind = kind;
		this.#next = next;
	}

	take(): string {
		const number = this.#next++;
		return this.#kind === 'numeric' ? String(number) : randomUUID();
	}
}

/** Temporary ids are negative numbers, chosen by the client. */
export function isTemporaryId(id: string): boolean {
	return /^-\d+$/.test(id);
}

/** Whether it is one of the server's own entities, which no query finds. */
export function isSystemId(id: string): boolean {
	return /^\d{1,2}$/.test(id);
}
