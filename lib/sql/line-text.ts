/** A longer line is no DELIMITER and no trailer; the rest of it is dropped. */
const LINE_MAX_BYTES = 4096;

/** Collects the text of one line that comes in pieces. */
export class LineText {
	#pieces: Buffer[] = [];
	#bytes = 0;

	add(piece: Buffer): void {
		if (this.#bytes + piece.length <= LINE_MAX_BYTES) this.#pieces.push(Buffer.from(piece));
		this.#bytes += piece.length;
	}

	clear(): void {
		this.#pieces = [];
		this.#bytes = 0;
	}

	/** The text without the blanks around it. */
	take(): string {
		const text = Buffer.concat(this.#pieces).toString('utf8').trim();
		this.clear();
		return text;
	}
}
