import { Readable } from 'node:stream';
import { BINARY_ENCODING, type IBinaryData, type IExecuteFunctions } from 'n8n-workflow';

import { type BinaryStorePort, EngineError, type StoredBinary } from '../../lib/core/index.ts';

/**
 * All of n8n's binary modes but `filesystem` collect a file in memory before they store it. The prefix of
 * a stored file's id tells the mode; in memory mode there is no id.
 */
const STREAMING_ID_PREFIX = 'filesystem';
const BUFFERED_MAX_BYTES = 256 * 1024 * 1024;

function tooLarge(bytes: number): EngineError {
	return new EngineError(
		'binary_too_large',
		`The file has grown to ${bytes} bytes, but this n8n keeps binary data in memory while storing it`,
		{
			remedy:
				"Set 'Destination' to Backup Set or File, or run n8n with N8N_DEFAULT_BINARY_DATA_MODE=filesystem.",
			details: { bytes, limit: BUFFERED_MAX_BYTES },
		},
	);
}

/** Fails the stream before n8n's memory is filled; harmless where n8n streams. */
async function* capped(content: Readable): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const chunk of content as AsyncIterable<Uint8Array>) {
		bytes += chunk.length;
		if (bytes > BUFFERED_MAX_BYTES) throw tooLarge(bytes);
		yield chunk;
	}
}

/**
 * n8n's binary store for one item. What is written can be taken by `stored(id)` to be attached to the
 * output; what is read must have been offered with `offer`.
 */
export class ItemBinaryStore implements BinaryStorePort {
	readonly #context: IExecuteFunctions;
	readonly #files = new Map<string, IBinaryData>();
	#streams: boolean | undefined;

	constructor(context: IExecuteFunctions) {
		this.#context = context;
	}

	/** Makes an input file readable; the id is for the job. */
	offer(binary: IBinaryData): string {
		const id = `input-${this.#files.size}`;
		this.#files.set(id, binary);
		return id;
	}

	/** The stored file, for the output item. */
	stored(id: string): IBinaryData {
		const binary = this.#files.get(id);
		if (binary !== undefined) return binary;
		throw new EngineError('binary_missing', 'The stored file cannot be found again', {
			remedy: 'Please report it.',
		});
	}

	async read(id: string): Promise<Readable> {
		const { id: storeId, data } = this.stored(id);
		if (storeId === undefined) return Readable.from([Buffer.from(data, BINARY_ENCODING)]);
		return await this.#context.helpers.getBinaryStream(storeId);
	}

	async write(
		content: Readable,
		file: { readonly fileName: string; readonly mimeType: string },
	): Promise<StoredBinary> {
		const streams = await this.#storeStreams();
		const source = streams ? content : Readable.from(capped(content), { objectMode: false });
		const { helpers } = this.#context;
		const binary = await helpers.prepareBinaryData(source, file.fileName, file.mimeType);
		const id = `output-${this.#files.size}`;
		this.#files.set(id, binary);
		return { id, bytes: binary.bytes ?? 0 };
	}

	/** Asks the store itself, by storing one byte: no helper tells the mode. */
	async #storeStreams(): Promise<boolean> {
		if (this.#streams === undefined) {
			const probe = await this.#context.helpers.prepareBinaryData(Buffer.from('.'), 'probe');
			this.#streams = probe.id?.startsWith(STREAMING_ID_PREFIX) ?? false;
		}
		return this.#streams;
	}
}
