import type { BytePath } from './byte-path.ts';
import type { SparseMap } from './sparse-map.ts';

export const MEMBER_TYPES = ['file', 'folder', 'symbolicLink', 'hardLink'] as const;
export type MemberType = (typeof MEMBER_TYPES)[number];

/** One entry of an archive. */
export interface Member {
	readonly type: MemberType;
	/** As it stands in the archive, e.g. `./images/x.png`. */
	readonly name: BytePath;
	/** Target of a symbolic link, exactly; for a hard link the name of another member; else empty. */
	readonly linkTarget: BytePath;
	/** Permission bits with setuid, setgid and sticky. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Nanoseconds since 1970. */
	readonly mtime: bigint;
	/** Bytes of content; 0 for all but files. */
	readonly size: number;
	/** Where the stored bytes of a sparse file belong; the rest is zeros. */
	readonly sparse?: SparseMap;
}

/** How many of what: of an archive, a check or a restore. */
export interface MemberCounts {
	readonly entries: number;
	readonly files: number;
	readonly folders: number;
	readonly symbolicLinks: number;
	readonly hardLinks: number;
	/** Sum of the sizes of the files. */
	readonly contentBytes: number;
}

/** Counts members as they pass. */
export class MemberTally {
	readonly #counts = { file: 0, folder: 0, symbolicLink: 0, hardLink: 0 };
	#contentBytes = 0;

	add({ type, size }: Pick<Member, 'type' | 'size'>): void {
		this.#counts[type]++;
		this.#contentBytes += size;
	}

	get entries(): number {
		const { file, folder, symbolicLink, hardLink } = this.#counts;
		return file + folder + symbolicLink + hardLink;
	}

	get contentBytes(): number {
		return this.#contentBytes;
	}

	counts(): MemberCounts {
		const { file, folder, symbolicLink, hardLink } = this.#counts;
		return {
			entries: this.entries,
			files: file,
			folders: folder,
			symbolicLinks: symbolicLink,
			hardLinks: hardLink,
			contentBytes: this.#contentBytes,
		};
	}
}
