import type { FileRow, FileRows } from '../sql/index.ts';
import {
	type BytePath,
	type IndexEntry,
	compareInWalkOrder,
	fromText,
	liesBelow,
	parentOf,
} from '../tree/index.ts';
import { EngineError } from '../core/index.ts';
import { type CrossCheck, CrossCheckTally } from './cross-check-tally.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** What is wrong with a file or link that is there; `undefined`: nothing. */
function difference(row: FileRow, size: number, sha512: string | undefined): string | undefined {
	if (row.size !== size) return `${row.size} bytes in the database, ${size} in the file root`;
	const bothKnown = row.sha512 !== undefined && sha512 !== undefined;
	return bothKnown && row.sha512 !== sha512 ? 'other content (SHA-512)' : undefined;
}

class Comparison {
	readonly #rows: AsyncGenerator<FileRow>;
	readonly #snapshotAt: bigint;
	readonly #tally = new CrossCheckTally();
	/** The folder at hand, with those above it. */
	readonly #folders: IndexEntry[] = [];
	/** Rows of hard links by the name under which the content stands in the archive. */
	readonly #hardLinks = new Map<BytePath, FileRow[]>();
	#row: FileRow | undefined;
	#path: BytePath = '';

	constructor({ rows, at }: FileRows) {
		this.#rows = rows;
		this.#snapshotAt = BigInt(at) * NANOSECONDS_PER_MILLISECOND;
	}

	/** Goes through both in their common order. */
	async run(index: AsyncIterable<IndexEntry>): Promise<void> {
		await this.#nextRow();
		for await (const entry of index) {
			while (this.#row !== undefined && compareInWalkOrder(this.#path, entry.path) < 0) {
				this.#missing(this.#row);
				await this.#nextRow();
			}
			this.#enter(entry);
			if (this.#row === undefined || this.#path !== entry.path) {
				if (entry.type !== 'folder') this.#tally.add('withoutRow', entry.path);
				continue;
			}
			while (this.#row !== undefined && this.#path === entry.path) {
				this.#compare(this.#row, entry);
				await this.#nextRow();
			}
		}
		for (; this.#row !== undefined; await this.#nextRow()) this.#missing(this.#row);
	}

	get hasHardLinks(): boolean {
		return this.#hardLinks.size > 0;
	}

	/** A second time, for the contents of hard links. */
	async runHardLinks(index: AsyncIterable<IndexEntry>): Promise<void> {
		for await (const entry of index) {
			for (const row of this.#hardLinks.get(entry.path) ?? []) this.#compare(row, entry);
		}
	}

	result(): CrossCheck {
		return this.#tally.result();
	}

	async #nextRow(): Promise<void> {
		const step = await this.#rows.next();
		this.#row = step.done === true ? undefined : step.value;
		if (this.#row === undefined) return;
		const path = fromText(this.#row.path);
		if (compareInWalkOrder(path, this.#path) < 0) {
			throw new EngineError(
				'artifact_corrupt',
				'The list of the files in the database is out of order',
				{
					remedy: 'It was changed. Make the backup set again.',
				},
			);
		}
		this.#path = path;
		this.#tally.addRow();
	}

	#compare(row: FileRow, entry: IndexEntry): void {
		const path = fromText(row.path);
		switch (entry.type) {
			case 'file': {
				const found = difference(row, entry.size, entry.sha512);
				if (found === undefined) this.#tally.add('agreeingFiles', path);
				else this.#tally.add('different', path, found);
				return;
			}
			case 'symbolicLink':
				return this.#compareLink(row, path, entry);
			case 'hardLink': {
				const first = entry.target.replace(/^\.\//, '');
				this.#hardLinks.set(first, [...(this.#hardLinks.get(first) ?? []), row]);
				return;
			}
			case 'folder':
				return this.#tally.add('different', path, 'it is a folder');
		}
	}

	#compareLink(row: FileRow, path: BytePath, entry: IndexEntry): void {
		const { leadsTo, targetSize, targetSha512 } = entry;
		if (leadsTo === 'nothing' || targetSize === undefined) {
			const what = leadsTo === 'nothing' ? undefined : `it leads to a ${leadsTo ?? 'nothing'}`;
			return this.#tally.add('unreachableLinks', path, what);
		}
		const found = difference(row, targetSize, targetSha512);
		if (found === undefined) this.#tally.add('agreeingLinks', path);
		else this.#tally.add('different', path, found);
	}

	/**
	 * Its folder is there and has changed since the snapshot: then the file was removed or renamed between
	 * the two backups. The root itself tells nothing: a new, empty volume has changed as well.
	 */
	#missing(row: FileRow): void {
		const path = fromText(row.path);
		const parent = parentOf(path);
		const folder = this.#folders.find((candidate) => candidate.path === parent);
		const isRemoved = parent !== '' && (folder?.mtimeNs ?? 0n) > this.#snapshotAt;
		this.#tally.add(isRemoved ? 'removedMeanwhile' : 'missing', path);
	}

	#enter(entry: IndexEntry): void {
		for (;;) {
			const last = this.#folders[this.#folders.length - 1];
			if (last === undefined || liesBelow(entry.path, last.path)) break;
			this.#folders.pop();
		}
		if (entry.type === 'folder') this.#folders.push(entry);
	}
}

/**
 * Compares what the database says of files with the index of an archive, both in the order of a walk, in
 * flat memory. `openIndex` may be called twice. Throws `artifact_corrupt`.
 */
export async function crossCheck(
	rows: FileRows,
	openIndex: () => Promise<AsyncIterable<IndexEntry>>,
): Promise<CrossCheck> {
	const comparison = new Comparison(rows);
	await comparison.run(await openIndex());
	if (comparison.hasHardLinks) await comparison.runHardLinks(await openIndex());
	return comparison.result();
}
