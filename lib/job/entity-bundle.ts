import type { Folder } from '../artifact/index.ts';
import type { JobContext } from '../core/index.ts';
import { type CaosDbClient, type FileFacts, fetchFile, filePathParts } from '../entity/index.ts';
import { type Member, archiveEnd, fromText, memberHeader, paddingOf } from '../tree/index.ts';
import type { FileList } from './file-list.ts';
import { SpoolFile } from './spool-file.ts';

/** Downloads under way at once. */
const PARALLEL_DOWNLOADS = 4;
/** Files up to here wait in memory for their turn, larger ones on disk. */
const IN_MEMORY_BYTES = 1024 * 1024;
/** The official tools' folder for contents. */
const DOWNLOADS = 'downloads';

/** One file of the bundle, complete. */
export interface BundleMember {
	/** Path inside the bundle. */
	readonly name: string;
	readonly bytes: number;
	readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
	/** Lets go what holds the content. */
	readonly close: () => Promise<void>;
}

export interface FileChoice {
	readonly download: boolean;
	/** Larger files are left out and counted. Absent: no limit. */
	readonly maxBytes?: number;
}

/** How many files a bundle has, and what was left out. */
export interface BundleCounts {
	files: number;
	fileBytes: number;
	leftOut: number;
	leftOutBytes: number;
	/** Files of which the server tells no checksum. */
	unproven: number;
}

export function newCounts(): BundleCounts {
	return { files: 0, fileBytes: 0, leftOut: 0, leftOutBytes: 0, unproven: 0 };
}

function header(name: string, size: number, time: Date): Buffer {
	const member: Member = {
		...{ type: name.endsWith('/') ? 'folder' : 'file', name: fromText(name), linkTarget: '' },
		...{ mode: name.endsWith('/') ? 0o755 : 0o644, uid: 0, gid: 0, size },
		mtime: BigInt(Math.floor(time.getTime() / 1000)) * 1_000_000_000n,
	};
	return memberHeader(member);
}

/** A tar of these members, and of the official tools' folder for contents, which is there even when empty. */
export async function* tarOf(
	members: AsyncIterable<BundleMember>,
	time: Date,
): AsyncGenerator<Uint8Array> {
	let total = 0;
	let hasFolder = false;
	for await (const member of members) {
		try {
			const isFile = member.name.startsWith(`${DOWNLOADS}/`);
			if (isFile && !hasFolder) {
				hasFolder = true;
				const folder = header(`${DOWNLOADS}/`, 0, time);
				total += folder.length;
				yield folder;
			}
			const head = header(member.name, member.bytes, time);
			const padding = Buffer.alloc(paddingOf(member.bytes));
			total += head.length + member.bytes + padding.length;
			yield head;
			yield* member.content();
			if (padding.length > 0) yield padding;
		} finally {
			await member.close();
		}
	}
	if (!hasFolder) {
		const folder = header(`${DOWNLOADS}/`, 0, time);
		total += folder.length;
		yield folder;
	}
	yield archiveEnd(total);
}

/** A spooled file as a member; it stays open, whoever made it closes it. */
export function spooledMember(name: string, spool: SpoolFile): BundleMember {
	const close = async (): Promise<void> => undefined;
	return { name, bytes: spool.bytes, content: () => spool.read(), close };
}

function memberName({ path }: FileFacts): string {
	return `${DOWNLOADS}/${filePathParts(path).join('/')}`;
}

async function inMemory(client: CaosDbClient, facts: FileFacts): Promise<BundleMember> {
	let chunks: Uint8Array[] = [];
	const bytes = await fetchFile(client, facts, {
		begin: async () => void (chunks = []),
		write: async (chunk) => void chunks.push(chunk),
	});
	const close = async (): Promise<void> => undefined;
	return { name: memberName(facts), bytes, content: () => chunks, close };
}

async function onDisk(
	client: CaosDbClient,
	facts: FileFacts,
	folder: Folder,
): Promise<BundleMember> {
	const spool = await SpoolFile.create(folder);
	try {
		const bytes = await fetchFile(client, facts, {
			begin: async () => spool.clear(),
			write: async (chunk) => await spool.write(chunk),
		});
		const close = async (): Promise<void> => await spool.close();
		return { name: memberName(facts), bytes, content: () => spool.read(), close };
	} catch (error) {
		await spool.close();
		throw error;
	}
}

/** Where the contents of a bundle come from. */
export interface FileSource {
	readonly client: CaosDbClient;
	/** Of the entities in the document. */
	readonly files: FileList;
	readonly choice: FileChoice;
	/** For contents that wait on disk. */
	readonly folder: Folder;
}

async function* wantedFiles(
	{ files, choice }: FileSource,
	counts: BundleCounts,
): AsyncGenerator<FileFacts> {
	for await (const facts of files.facts()) {
		if (choice.maxBytes !== undefined && (facts.size ?? 0) > choice.maxBytes) {
			counts.leftOut++;
			counts.leftOutBytes += facts.size ?? 0;
			continue;
		}
		yield facts;
	}
}

/** The contents of all files that the document names, each proven before it is given out. */
export async function* fileMembers(
	source: FileSource,
	counts: BundleCounts,
	context: JobContext,
): AsyncGenerator<BundleMember> {
	const { client, folder } = source;
	const running: Array<Promise<BundleMember>> = [];
	const next = async function* (): AsyncGenerator<BundleMember> {
		const member = await running.shift();
		if (member === undefined) return;
		counts.files++;
		counts.fileBytes += member.bytes;
		const { files: done } = counts;
		context.progress.report({ phase: 'archive', done, unit: 'entries', item: member.name });
		yield member;
	};
	try {
		for await (const facts of wantedFiles(source, counts)) {
			if (facts.checksum === null) counts.unproven++;
			const isSmall = facts.size !== null && facts.size <= IN_MEMORY_BYTES;
			const fetching = isSmall ? inMemory(client, facts) : onDisk(client, facts, folder);
			fetching.catch(() => undefined);
			running.push(fetching);
			if (running.length >= PARALLEL_DOWNLOADS) yield* next();
		}
		while (running.length > 0) yield* next();
	} finally {
		for (const left of running)
			void left.then(
				(member) => member.close(),
				() => undefined,
			);
	}
}
