/** Reads a stream of chunks by numbers of bytes. */
export class ByteReader {
	readonly #chunks: AsyncIterator<Uint8Array>;
	#current: Buffer = Buffer.alloc(0);
	#at = 0;
	#before = 0;

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]();
	}

	/** Bytes taken so far. */
	get offset(): number {
		return this.#before + this.#at;
	}

	/** Exactly `count` bytes if they are in memory already: most are, and waiting costs more than parsing. */
	now(count: number): Buffer | undefined {
		const end = this.#at + count;
		if (end > this.#current.length) return undefined;
		const bytes = this.#current.subarray(this.#at, end);
		this.#at = end;
		return bytes;
	}

	/** Between 1 and `max` bytes, or `undefined` at the end. */
	async some(max: number): Promise<Buffer | undefined> {
		while (this.#at === this.#current.length) {
			const next = await this.#chunks.next();
			if (next.done === true) return undefined;
			const { buffer, byteOffset, length } = next.value;
			this.#before += this.#at;
			this.#current = Buffer.from(buffer, byteOffset, length);
			this.#at = 0;
		}
		return this.now(Math.min(max, this.#current.length - this.#at));
	}

	/** Exactly `count` bytes; fewer only at the end of the stream. */
	async exactly(count: number): Promise<Buffer> {
		const whole = this.now(count);
		if (whole !== undefined) return whole;
		const parts: Buffer[] = [];
		let left = count;
		while (left > 0) {
			const part = await this.some(left);
			if (part === undefined) break;
			parts.push(part);
			left -= part.length;
		}
		return Buffer.concat(parts);
	}

	/** Lets the source close, also when it was not read to its end. */
	async close(): Promise<void> {
		await this.#chunks.return?.();
	}
}
