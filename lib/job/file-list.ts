import type { Folder } from '../artifact/index.ts';
import { CHUNK_BYTES } from '../core/index.ts';
import { type Entity, type FileFacts, fileFacts } from '../entity/index.ts';
import { SpoolFile } from './spool-file.ts';

/**
 * The files that entities on their way into a document name, kept on disk: so their contents can be fetched
 * afterwards without reading the document again.
 */
export class FileList {
	readonly #spool: SpoolFile;
	#lines = '';

	private constructor(spool: SpoolFile) {
		this.#spool = spool;
	}

	/** Throws the path codes and `disk_full`. */
	static async create(folder: Folder): Promise<FileList> {
		return new FileList(await SpoolFile.create(folder));
	}

	/** Passes entities on and notes the files among them. */
	async *noting(entities: AsyncIterable<Entity>): AsyncGenerator<Entity> {
		for await (const entity of entities) {
			const facts = entity.role === 'File' ? fileFacts(entity) : undefined;
			if (facts !== undefined) {
				this.#lines += `${JSON.stringify(facts)}\n`;
				if (this.#lines.length > CHUNK_BYTES) await this.#flush();
			}
			yield entity;
		}
		await this.#flush();
	}

	/** What was noted, once all entities have passed. */
	async *facts(): AsyncGenerator<FileFacts> {
		const decoder = new TextDecoder();
		let rest = '';
		for await (const chunk of this.#spool.read()) {
			const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) yield JSON.parse(line) as FileFacts;
		}
	}

	async close(): Promise<void> {
		await this.#spool.close();
	}

	async #flush(): Promise<void> {
		const lines = this.#lines;
		this.#lines = '';
		if (lines !== '') await this.#spool.write(Buffer.from(lines, 'utf8'));
	}
}
