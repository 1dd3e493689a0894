import { readdirSync } from 'node:fs';

import type { PathPolicyPort } from '../core/index.ts';
import { type BytePath, toBuffer, toText } from './byte-path.ts';

/** Paths per question to the policy, whose answer comes from another thread. */
const POLICY_BATCH = 500;

/** A folder of the walk. */
export interface FolderPlace {
	readonly fullPath: BytePath;
	/** For the policy. */
	readonly realPath: BytePath;
}

export interface ListedFolder {
	/** In the order of their bytes, so that two archives of one tree are the same. */
	readonly names: readonly BytePath[];
	/** Those that are folders, as far as the file system says so for nothing. */
	readonly folders: ReadonlySet<BytePath>;
	/** For each name whether it may not be touched. */
	readonly blocked: Promise<readonly boolean[]>;
}

/** Lists folders, the next one while somebody still works on the last: the policy takes its time. */
export class FolderLister {
	readonly #paths: PathPolicyPort;
	readonly #leavesOut: (name: BytePath, folder: FolderPlace) => boolean;
	#ahead: { readonly fullPath: BytePath; readonly listed: ListedFolder } | undefined;

	/** `leavesOut`: names that are as good as not there. */
	constructor(paths: PathPolicyPort, leavesOut: (name: BytePath, folder: FolderPlace) => boolean) {
		this.#paths = paths;
		this.#leavesOut = leavesOut;
	}

	/** Throws system errors. */
	list(folder: FolderPlace): ListedFolder {
		const ahead = this.#ahead;
		this.#ahead = undefined;
		return ahead?.fullPath === folder.fullPath ? ahead.listed : this.#read(folder);
	}

	/** Begins with a folder that will be asked for next; whatever is wrong with it shows then. */
	listAhead(folder: FolderPlace): void {
		try {
			this.#ahead = { fullPath: folder.fullPath, listed: this.#read(folder) };
		} catch {
			this.#ahead = undefined;
		}
	}

	#read(folder: FolderPlace): ListedFolder {
		const names: BytePath[] = [];
		const folders = new Set<BytePath>();
		const options = { encoding: 'latin1', withFileTypes: true } as const;
		for (const entry of readdirSync(toBuffer(folder.fullPath), options)) {
			if (this.#leavesOut(entry.name, folder)) continue;
			names.push(entry.name);
			if (entry.isDirectory()) folders.add(entry.name);
		}
		// One character per byte, which is what `sort` goes by.
		names.sort();
		const blocked = this.#blocked(names, folder);
		// Reported to whoever waits for it; nobody does when the walk ends early.
		blocked.catch(() => undefined);
		return { names, folders, blocked };
	}

	async #blocked(
		names: readonly BytePath[],
		{ realPath }: FolderPlace,
	): Promise<readonly boolean[]> {
		const answers: boolean[] = [];
		for (let at = 0; at < names.length; at += POLICY_BATCH) {
			const batch = names.slice(at, at + POLICY_BATCH).map((name) => toText(`${realPath}/${name}`));
			answers.push(...(await this.#paths.blocked(batch)));
		}
		return answers;
	}
}
