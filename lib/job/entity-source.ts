import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

import {
	type ArtifactEntry,
	type Folder,
	type OpenBytes,
	openFileBytes,
	readArtifact,
} from '../artifact/index.ts';
import { EngineError, type JobContext, fileError } from '../core/index.ts';
import { type Entity, EntityDocument, type FileContent, type NeededFile } from '../entity/index.ts';
import { DownloadFolder } from './download-folder.ts';
import { type Source, openSource } from './source.ts';
import { TarBundle, beginsLikeTar } from './tar-bundle.ts';

/** Names of the document in a bundle: as the manual calls it, and as today's official tool does. */
export const DOCUMENT_NAMES: readonly string[] = ['caosdb_data.xml', 'linkahead_data.xml'];

/** Contents that are ready to be sent, by the path on the server, which begins with a slash. */
export type ContentOf = (path: string) => FileContent | undefined;

interface OpenPlace {
	readonly name: string;
	readonly openBytes: OpenBytes;
	readonly artifact?: ArtifactEntry;
	readonly set?: string;
	readonly warnings: readonly string[];
	/** Beside a document on disk. */
	readonly downloads?: DownloadFolder;
}

function noDocument(name: string): EngineError {
	return new EngineError('artifact_missing', `${name} has no document of entities`, {
		remedy: `A bundle and an export folder have ${DOCUMENT_NAMES.join(' or ')} at their top.`,
	});
}

async function isFolder(path: string, displayPath: string): Promise<boolean> {
	try {
		return (await lstat(path)).isDirectory();
	} catch (error) {
		throw fileError(error, displayPath);
	}
}

async function isFile(path: string): Promise<boolean> {
	return await lstat(path).then(
		(found) => found.isFile(),
		() => false,
	);
}

async function openExportFolder(folder: Folder, context: JobContext): Promise<OpenPlace> {
	for (const fileName of DOCUMENT_NAMES) {
		const path = join(folder.path, fileName);
		if (!(await isFile(path))) continue;
		const name = join(folder.displayPath, fileName);
		const downloads = new DownloadFolder(folder, context);
		return { name, openBytes: openFileBytes(path, name), warnings: [], downloads };
	}
	throw noDocument(folder.displayPath);
}

async function openPlace(source: Source, context: JobContext): Promise<OpenPlace> {
	if (source.kind !== 'file') return await openSource(source, 'entities', context);
	const { folder, fileName } = source;
	const path = join(folder.path, fileName);
	const displayPath = join(folder.displayPath, fileName);
	if (await isFolder(path, displayPath))
		return await openExportFolder({ path, displayPath }, context);
	const opened = await openSource(source, 'entities', context);
	return { ...opened, downloads: new DownloadFolder(folder, context) };
}

/**
 * Entities and contents of files as they are exchanged: a bundle (tar), the folder that the official export tool
 * writes, or a document alone, each of them maybe compressed.
 */
export class EntitySource {
	readonly #place: OpenPlace;
	readonly #context: JobContext;
	#tar: TarBundle | undefined;

	private constructor(place: OpenPlace, context: JobContext) {
		this.#place = place;
		this.#context = context;
	}

	/** Nothing is read yet. Throws the path codes, `artifact_missing`, `manifest_missing`. */
	static async open(source: Source, context: JobContext): Promise<EntitySource> {
		return new EntitySource(await openPlace(source, context), context);
	}

	/** What the person knows it by. */
	get name(): string {
		return this.#place.name;
	}

	get set(): string | undefined {
		return this.#place.set;
	}

	get warnings(): readonly string[] {
		return this.#place.warnings;
	}

	/**
	 * The entities; to come to the end is the proof that all is whole. Throws `xml_invalid`, `tree_entry_unsafe`,
	 * `artifact_missing`, and what damaged artifacts throw.
	 */
	async *entities(): AsyncGenerator<Entity> {
		const { openBytes, artifact, name } = this.#place;
		const { signal } = this.#context;
		const reading = await readArtifact(openBytes, signal, artifact);
		const chunks = reading.chunks[Symbol.asyncIterator]();
		const first = await chunks.next();
		const head = first.done === true ? new Uint8Array(0) : first.value;
		const all = withHead(head, chunks);
		if (beginsLikeTar(head)) {
			this.#tar = new TarBundle(name, this.#context);
			yield* this.#tar.entities(all);
			if (!this.#tar.hasDocument) throw noDocument(name);
		} else yield* new EntityDocument(all, { source: name, signal }).entities();
		reading.assertEnded();
	}

	/** Known once the entities were read. `path` begins with a slash. */
	hasContent(path: string): boolean {
		const { downloads } = this.#place;
		return this.#tar?.hasContent(path) ?? downloads?.has(path) ?? false;
	}

	/**
	 * Makes contents ready to be sent; `folder` takes those that do not lie on disk as they are. Throws
	 * `entity_file_corrupt` when one is not what its checksum says.
	 */
	async contents(needed: Iterable<NeededFile>, folder: Folder): Promise<ContentOf> {
		if (this.#tar === undefined)
			return (await this.#place.downloads?.contents(needed)) ?? noContent;
		const { openBytes, artifact } = this.#place;
		return await this.#tar.contents(needed, folder, async () => {
			return await readArtifact(openBytes, this.#context.signal, artifact);
		});
	}
}

function noContent(): undefined {
	return undefined;
}

async function* withHead(
	head: Uint8Array,
	rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	try {
		yield head;
		for (let next = await rest.next(); next.done !== true; next = await rest.next())
			yield next.value;
	} finally {
		await rest.return?.();
	}
}
