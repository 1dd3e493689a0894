import { open } from 'node:fs/promises';
import { join } from 'node:path';

import type { ArtifactReading, Folder } from '../artifact/index.ts';
import { EngineError, type JobContext, fileError, throwIfAborted } from '../core/index.ts';
import {
	type Entity,
	EntityDocument,
	type FileContent,
	type NeededFile,
	StringTable,
	offsets,
} from '../entity/index.ts';
import {
	type ReadMember,
	TarReader,
	assertFreeSpace,
	fromText,
	memberPath,
	toText,
} from '../tree/index.ts';
import { ReadyContents } from './ready-contents.ts';

/** Members of a bundle, beyond which it is none. */
const MEMBERS_MAX = 5_000_000;
const DOCUMENTS: readonly string[] = ['caosdb_data.xml', 'linkahead_data.xml'];
const DOWNLOADS = 'downloads/';
const WHITE_SPACE: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
const UTF8_MARK = [0xef, 0xbb, 0xbf];

/** A document begins with `<`, maybe after a mark and white space; what does not is taken for a tar. */
export function beginsLikeTar(head: Uint8Array): boolean {
	const isMarked16 =
		(head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0xff && head[1] === 0xfe);
	if (head.length === 0 || isMarked16) return false;
	const start = UTF8_MARK.every((byte, at) => head[at] === byte) ? UTF8_MARK.length : 0;
	const first = head.subarray(start).find((byte) => !WHITE_SPACE.includes(byte));
	return first !== 0x3c;
}

function unsafe(what: string): EngineError {
	return new EngineError('tree_entry_unsafe', `The bundle has ${what}`, {
		remedy: 'No export writes such a bundle. Do not trust it.',
	});
}

async function* bytesOf(member: ReadMember): AsyncGenerator<Uint8Array> {
	for await (const { bytes } of member.content()) yield bytes;
}

/** A tar with a document and `downloads/<path>`. Nothing is extracted but contents, under names of our own. */
export class TarBundle {
	hasDocument = false;
	readonly #name: string;
	readonly #context: JobContext;
	readonly #members = new StringTable();
	/** Bytes of each member. */
	readonly #sizes = offsets();

	constructor(name: string, context: JobContext) {
		this.#name = name;
		this.#context = context;
	}

	/** Reads all of it once. Throws `tree_entry_unsafe` for links, hostile and doubled names. */
	async *entities(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Entity> {
		const { signal } = this.#context;
		for await (const read of new TarReader(chunks).members()) {
			throwIfAborted(signal);
			const path = this.#pathOf(read);
			if (path === undefined) continue;
			const isNew = this.#members.add(path) === this.#sizes.length;
			if (!isNew) throw unsafe(`the name '${toText(path)}' twice`);
			this.#sizes.push(read.member.size);
			if (this.#sizes.length > MEMBERS_MAX) throw unsafe(`more than ${MEMBERS_MAX} members`);
			if (!DOCUMENTS.includes(path)) continue;
			if (this.hasDocument) throw unsafe('two documents of entities');
			this.hasDocument = true;
			const source = `${toText(path)} in ${this.#name}`;
			yield* new EntityDocument(bytesOf(read), { source, signal }).entities();
		}
	}

	/** `path` begins with a slash. */
	hasContent(path: string): boolean {
		return this.#members.find(this.#memberOf(path)) >= 0;
	}

	/** Reads the bundle again and puts the contents that are needed into `folder`. */
	async contents(
		needed: Iterable<NeededFile>,
		folder: Folder,
		read: () => Promise<ArtifactReading>,
	): Promise<(path: string) => FileContent | undefined> {
		const wanted = new Map<string, NeededFile>();
		let bytes = 0;
		for (const file of needed) {
			const member = this.#memberOf(file.path);
			wanted.set(member, file);
			bytes += this.#sizes.get(this.#members.find(member));
		}
		if (wanted.size === 0) return () => undefined;
		assertFreeSpace(folder.path, folder.displayPath, bytes);
		const { signal } = this.#context;
		const contents = new ReadyContents(signal);
		const reading = await read();
		for await (const member of new TarReader(reading.chunks).members()) {
			throwIfAborted(signal);
			const path = this.#pathOf(member);
			const file = path === undefined ? undefined : wanted.get(path);
			if (file === undefined) continue;
			const { size, sparse } = member.member;
			if (sparse === undefined && contents.mayKeep(size)) {
				const chunks: Uint8Array[] = [];
				for await (const chunk of bytesOf(member)) chunks.push(chunk);
				contents.keep(Buffer.concat(chunks), file);
				continue;
			}
			const place = {
				path: join(folder.path, `content-${contents.count}`),
				displayPath: join(folder.displayPath, `content-${contents.count}`),
			};
			await this.#extract(member, place);
			await contents.add(place, file);
		}
		reading.assertEnded();
		return contents.of;
	}

	/** The member's place, or undefined for a folder. Throws `tree_entry_unsafe`. */
	#pathOf({ member }: ReadMember): string | undefined {
		const path = memberPath(member.name);
		if (member.type === 'folder') return undefined;
		if (member.type === 'file' && !path.includes('\\')) return path;
		throw unsafe(
			member.type === 'file'
				? `the name '${toText(path)}', which is a path on some systems`
				: `a link named '${toText(path)}'`,
		);
	}

	#memberOf(path: string): string {
		return memberPath(fromText(`${DOWNLOADS}${path.replace(/^\/+/, '')}`));
	}

	async #extract(read: ReadMember, place: Folder): Promise<void> {
		try {
			const file = await open(place.path, 'wx', 0o600);
			try {
				for await (const { offset, bytes } of read.content()) {
					throwIfAborted(this.#context.signal);
					await file.write(bytes, 0, bytes.length, offset);
				}
				// A file with holes has its full length, too.
				await file.truncate(read.member.size);
			} finally {
				await file.close();
			}
		} catch (error) {
			throw fileError(error, place.displayPath);
		}
	}
}
