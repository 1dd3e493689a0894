/** Reads a stream of chunks by numbers of bytes. */
export class ByteReader {
	readonly #chunks: AsyncIterator<Uint8Array>;
	#current: Uint8Array = new Uint8Array(0);
	#offset = 0;

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]();
	}

	/** Bytes taken so far. */
	get offset(): number {
		return this.#offset;
	}

	/** Between 1 and `max` bytes, or `undefined` at the end. */
	async some(max: number): Promise<Buffer | undefined> {
		while (this.#current.length === 0) {
			const next = await this.#chunks.next();
			if (next.done === true) return undefined;
			this.#current = next.value;
		}
		const bytes = this.#current.subarray(0, max);
		this.#current = this.#current.subarray(bytes.length);
		this.#offset += bytes.length;
		return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	}

	/** Exactly `count` bytes; fewer only at the end of the stream. */
	async exactly(count: number): Promise<Buffer> {
		const parts: Buffer[] = [];
		let left = count;
		while (left > 0) {
			const part = await this.some(left);
			if (part === undefined) break;
			parts.push(part);
			left -= part.length;
		}
		const [first] = parts;
		return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
	}

	/** Lets the source close, also when it was not read to its end. */
	async close(): Promise<void> {
		await this.#chunks.return?.();
	}
}
