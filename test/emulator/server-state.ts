import type { Accounts } from './accounts.ts';
import type { AclRule } from './model.ts';
import type { EntityStore } from './entity-store.ts';
import type { FileStore } from './file-store.ts';
import type { IdSource } from './ids.ts';

/** Everything the server knows. */
export interface ServerState {
	readonly store: EntityStore;
	readonly files: FileStore;
	readonly ids: IdSource;
	readonly accounts: Accounts;
	/** Rules that hold for all entities. */
	readonly globalAcl: readonly AclRule[];
	readonly settings: Settings;
}

export interface Settings {
	/** Path before all resources, e.g. `/linkahead`; '' for none. */
	readonly contextRoot: string;
	/** What `FIND x` without a role looks for. */
	readonly findDefaultRole: 'RECORD' | 'ENTITY';
	/** Whether the answer to `?ACL` has the global rules too. */
	readonly mergeGlobalAcl: boolean;
	/** Whether each entity of an answer lists what the user may do with it. */
	readonly listPermissions: boolean;
	/** Whether requests without a login may read. */
	readonly allowAnonymous: boolean;
	/** Milliseconds. */
	readonly sessionTimeout: number;
	/** Folders that InsertFilesInDir may read. */
	readonly insertFilesFrom: readonly string[];
	/** Whether answers are indented. */
	readonly pretty: boolean;
	/** Milliseconds until a request that does not end is given up. */
	readonly readTimeout: number;
	/** Minutes of the server's local time east of UTC: of the dates it tells and of times in queries. */
	readonly utcOffset: number;
	/** Bytes of a request body; more is answered with 413. */
	readonly bodyLimit: number;
}
