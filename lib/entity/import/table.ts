import type { ColumnStore } from './column-store.ts';
import { IdNumbers } from './id-numbers.ts';
import { integers, smallNumbers } from './number-column.ts';
import type { SpillFile } from './spill-file.ts';

/** What is done about an entity; `missing` and `delete` are about entities that the source has no more. */
export const IMPORT_ACTIONS = [
	'insert',
	'update',
	'unchanged',
	'conflict',
	'skip',
	'missing',
	'delete',
] as const;
export type ImportAction = (typeof IMPORT_ACTIONS)[number];

export interface ImportNote {
	/** In what source and target differ. */
	readonly differences: readonly string[];
	/** English sentences. */
	readonly messages: readonly string[];
}

const NO_NOTE: ImportNote = { differences: [], messages: [] };
const NONE = -1;

/** What is decided and done about each entity of the source: texts on disk, the rest outside of the heap. */
export class ImportTable {
	readonly #actions;
	readonly #notes;
	readonly #ids = new IdNumbers();
	/** By entity: number of the target's id, and its version as a number of a text on disk. */
	readonly #targets;
	readonly #versions;
	/** By number of the target's id. */
	readonly #claimedBy;
	readonly #spill: SpillFile;
	readonly #counts = new Map<ImportAction, number>();

	constructor(spill: SpillFile, store?: ColumnStore) {
		this.#spill = spill;
		this.#actions = smallNumbers(store);
		this.#notes = integers(NONE, store);
		this.#targets = integers(NONE, store);
		this.#versions = integers(NONE, store);
		this.#claimedBy = integers(NONE, store);
	}

	decide(index: number, action: ImportAction, note: ImportNote = NO_NOTE): void {
		this.#actions.set(index, IMPORT_ACTIONS.indexOf(action));
		this.#counts.set(action, this.count(action) + 1);
		const isEmpty = note.differences.length + note.messages.length === 0;
		this.#notes.set(index, isEmpty ? NONE : this.#spill.push(JSON.stringify(note)));
	}

	action(index: number): ImportAction {
		return IMPORT_ACTIONS[this.#actions.get(index)] ?? 'skip';
	}

	/** How many entities have this action. */
	count(action: ImportAction): number {
		return this.#counts.get(action) ?? 0;
	}

	note(index: number): ImportNote {
		const number = this.#notes.get(index);
		return number < 0 ? NO_NOTE : (JSON.parse(this.#spill.text(number)) as ImportNote);
	}

	/** Says which entity of the target it is, once that is known. */
	setTarget(index: number, id: string, version: string | null): void {
		const number = this.#ids.of(id);
		this.#targets.set(index, number);
		this.#claimedBy.set(number, index);
		this.#versions.set(index, version === null ? NONE : this.#spill.push(version));
	}

	target(index: number): string | undefined {
		const number = this.#targets.get(index);
		return number === NONE ? undefined : this.#ids.id(number);
	}

	/** Version of the target's entity, as last told. */
	version(index: number): string | null {
		const number = this.#versions.get(index);
		return number < 0 ? null : this.#spill.text(number);
	}

	/** Whether an entity of the source is this one of the target already. */
	isClaimed(id: string): boolean {
		return this.#claimedBy.get(this.#ids.find(id)) >= 0;
	}
}
