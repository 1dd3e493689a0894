// eslint-disable-next-line no-control-regex -- they are what is looked for
const FORBIDDEN = /[\0-\b\v\f\x0e-\x1f\ufffe\uffff]/;

/**
 * The piece of a text that is read: line ends made one, characters that XML forbids refused, places as line and
 * column. https://www.w3.org/TR/xml/#sec-line-ends, #NT-Char; the decoder lets no half of a surrogate pair pass.
 */
export class Piece {
	text = '';
	/** Line feeds before `text`, and characters since the last one. */
	#lines = 0;
	#columns = 0;
	/** A carriage return at the end, of which it is not known what follows it. */
	#isReturnHeld = false;
	readonly #refuse: (reason: string) => never;

	constructor(refuse: (reason: string) => never) {
		this.#refuse = refuse;
	}

	/** Goes on behind `done` characters of the text. */
	advance(done: number, fresh: string): void {
		this.#count(done);
		const rest = this.text.slice(done);
		const lines = this.#lineEnds(fresh);
		const found = FORBIDDEN.exec(lines);
		this.text = rest + lines;
		if (found === null) return;
		const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
		this.refuse(rest.length + found.index, `character U+${code} is not allowed in XML`);
	}

	/** The end of the text. */
	end(done: number): void {
		this.advance(done, this.#isReturnHeld ? '\n' : '');
	}

	refuse(at: number, reason: string): never {
		this.#count(at);
		return this.#refuse(`line ${this.#lines + 1}, column ${this.#columns + 1}: ${reason}`);
	}

	#lineEnds(fresh: string): string {
		if (!this.#isReturnHeld && !fresh.includes('\r')) return fresh;
		const whole = this.#isReturnHeld ? `\r${fresh}` : fresh;
		this.#isReturnHeld = whole.endsWith('\r');
		const certain = this.#isReturnHeld ? whole.slice(0, -1) : whole;
		return certain.replace(/\r\n?/g, '\n');
	}

	#count(end: number): void {
		const { text } = this;
		let last = -1;
		let feed = text.indexOf('\n');
		for (; feed >= 0 && feed < end; feed = text.indexOf('\n', feed + 1)) {
			this.#lines++;
			last = feed;
		}
		this.#columns = last < 0 ? this.#columns + end : end - last - 1;
	}
}
