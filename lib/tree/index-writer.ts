import type { ByteSink } from '../core/index.ts';
import { toBuffer } from './byte-path.ts';
import { fileTail, headerLine, trailerLine } from './index-lines.ts';

/** Handed on in pieces of about this size. */
const PIECE_CHARACTERS = 256 * 1024;

interface Line {
	text: string;
	isWaiting: boolean;
}

/** Writes the lines of an index in their order, though the digests of files come later. */
export class IndexWriter {
	readonly #sink: ByteSink;
	readonly #part: number;
	/** From the first line that waits for its digest on. */
	#lines: Line[] = [];
	#waiting: Line[] = [];
	/** How many of `#waiting` have theirs. */
	#answered = 0;
	#text = '';
	#entries = 0;

	/** `part`: which archive of a chain this is. */
	constructor(sink: ByteSink, part: number) {
		this.#sink = sink;
		this.#part = part;
		this.#text = `${headerLine(part)}\n`;
	}

	/** A line that is whole. */
	add(text: string): void {
		this.#entries++;
		if (this.#lines.length === 0) this.#text += `${text}\n`;
		else this.#lines.push({ text, isWaiting: false });
	}

	/** A file's line, but for its end. */
	addFile(head: string): void {
		this.#entries++;
		const line = { text: head, isWaiting: true };
		this.#lines.push(line);
		this.#waiting.push(line);
	}

	/** The digest of the first file that waits for one. */
	digest(sha512: Buffer): void {
		const line = this.#waiting[this.#answered++];
		if (line === undefined) return;
		line.text += fileTail(this.#part, sha512);
		line.isWaiting = false;
	}

	/** Hands on what is whole, if it is enough to be worth it. */
	async drain(): Promise<void> {
		this.#gather();
		if (this.#text.length >= PIECE_CHARACTERS) await this.#write();
	}

	/** When every file has its digest. */
	async end(): Promise<void> {
		this.#gather();
		this.#text += `${trailerLine(this.#entries)}\n`;
		await this.#write();
	}

	#gather(): void {
		const open = this.#lines.findIndex(({ isWaiting }) => isWaiting);
		const whole = open < 0 ? this.#lines.length : open;
		if (whole === 0) return;
		for (const { text } of this.#lines.slice(0, whole)) this.#text += `${text}\n`;
		this.#lines = this.#lines.slice(whole);
		this.#waiting = this.#waiting.slice(this.#answered);
		this.#answered = 0;
	}

	async #write(): Promise<void> {
		const bytes = toBuffer(this.#text);
		this.#text = '';
		await this.#sink.write(bytes);
	}
}
