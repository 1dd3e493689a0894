import { integers, smallNumbers } from './number-column.ts';
import type { SpillFile } from './spill-file.ts';
import { StringTable } from './string-table.ts';

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

/** What is decided and done about each entity of the source: notes on disk, the rest outside of the heap. */
export class ImportTable {
	readonly #actions = smallNumbers();
	readonly #targets = integers();
	readonly #versions = integers();
	readonly #notes = integers();
	readonly #texts = new StringTable();
	readonly #versionTexts = new StringTable();
	readonly #claimedBy = integers();
	readonly #spill: SpillFile;
	readonly #counts = new Map<ImportAction, number>();

	constructor(spill: SpillFile) {
		this.#spill = spill;
	}

	decide(index: number, action: ImportAction, note: ImportNote = NO_NOTE): void {
		this.#actions.set(index, IMPORT_ACTIONS.indexOf(action));
		this.#counts.set(action, this.count(action) + 1);
		const isEmpty = note.differences.length + note.messages.length === 0;
		this.#notes.set(index, isEmpty ? NONE : this.#spill.push(JSON.stringify(note)), NONE);
	}

	action(index: number): ImportAction {
		return IMPORT_ACTIONS[this.#actions.get(index)] ?? 'skip';
	}

	/** How many entities have this action. */
	count(action: ImportAction): number {
		return this.#counts.get(action) ?? 0;
	}

	note(index: number): ImportNote {
		const number = this.#notes.get(index, NONE);
		return number < 0 ? NO_NOTE : (JSON.parse(this.#spill.text(number)) as ImportNote);
	}

	/** Says which entity of the target it is, once that is known. */
	setTarget(index: number, id: string, version: string | null): void {
		const number = this.#texts.add(id);
		this.#targets.set(index, number, NONE);
		this.#claimedBy.set(number, index, NONE);
		this.#versions.set(index, version === null ? NONE : this.#versionTexts.add(version), NONE);
	}

	target(index: number): string | undefined {
		const number = this.#targets.get(index, NONE);
		return number < 0 ? undefined : this.#texts.text(number);
	}

	/** Version of the target's entity, as last told. */
	version(index: number): string | null {
		const number = this.#versions.get(index, NONE);
		return number < 0 ? null : this.#versionTexts.text(number);
	}

	/** Whether an entity of the source is this one of the target already. */
	isClaimed(id: string): boolean {
		return this.#claimedBy.get(this.#texts.find(id), NONE) >= 0;
	}
}
