export const CHANGE_KINDS = ['deleted', 'inserted', 'updated'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Watch {
	/** Any text that tells servers apart. */
	readonly server: string;
	/** A FIND query; null for every entity. */
	readonly query: string | null;
	readonly events: readonly ChangeKind[];
	/** Most changes of one poll; the others come with the next ones. */
	readonly limit: number;
	/** How long before a poll a transaction may have begun that it could not see yet. */
	readonly overlapMs: number;
}

export interface EntityChange {
	readonly event: ChangeKind;
	readonly id: string;
	/** Of a deleted entity nothing but its id is known. */
	readonly version: string | null;
	readonly role: string | null;
	readonly name: string | null;
	/** Of a File. */
	readonly path: string | null;
	/** When it was written, by the server's clock; of a deletion, when it was found. ISO 8601, UTC. */
	readonly time: string;
	/** Who wrote it. */
	readonly username: string | null;
}
