import { integers } from './number-column.ts';
import { StringTable } from './string-table.ts';

const NONE = -1;

/** Texts by texts, several of each, outside of the JavaScript heap. */
export class TextIndex {
	readonly #keys = new StringTable();
	readonly #values = new StringTable();
	/** By key: the entry that came last. */
	readonly #last = integers(NONE);
	/** By entry: its value, and the entry of the same key before it. */
	readonly #valueOf = integers();
	readonly #before = integers(NONE);

	add(key: string, value: string): void {
		const number = this.#keys.add(key);
		this.#before.push(this.#last.get(number));
		this.#last.set(number, this.#valueOf.length);
		this.#valueOf.push(this.#values.add(value));
	}

	/** The last one first. */
	get(key: string): string[] {
		const found: string[] = [];
		const number = this.#keys.find(key);
		let entry = this.#last.get(number);
		for (; entry >= 0; entry = this.#before.get(entry)) {
			found.push(this.#values.text(this.#valueOf.get(entry)));
		}
		return found;
	}
}
