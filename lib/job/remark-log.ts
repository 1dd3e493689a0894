import { type Remark, remarkLine } from '../entity/index.ts';
import { counted } from './report.ts';

/** A person reads so many, and is told how many more there were. */
const SHOWN = 20;

/** What a server remarked during a job, each once. */
export class RemarkLog {
	readonly #lines = new Set<string>();
	#more = 0;

	readonly add = (remark: Remark): void => {
		const line = remarkLine(remark);
		if (this.#lines.has(line)) return;
		if (this.#lines.size < SHOWN) this.#lines.add(line);
		else this.#more++;
	};

	lines(): string[] {
		const more = this.#more === 0 ? [] : [`The server says ${counted(this.#more, 'more thing')}.`];
		return [...this.#lines, ...more];
	}
}
