import { mkdir } from 'node:fs/promises';

import { ADMINISTRATION, Accounts, DEFAULT_ROLES, INTERNAL_REALM, type User } from './accounts.ts';
import { type AclRule } from './model.ts';
import { GLOBAL_ACL } from './acl.ts';
import { EntityStore } from './entity-store.ts';
import { Faults } from './faults.ts';
import { FileStore } from './file-store.ts';
import { HttpServer } from './http-server.ts';
import { type IdKind, IdSource } from './ids.ts';
import { Router } from './router.ts';
import { type SavedState, readState, writeState } from './saved-state.ts';
import type { ServerState, Settings } from './server-state.ts';
import { Sessions } from './sessions.ts';
import { systemEntities } from './system-entities.ts';
import { Times } from './times.ts';

export interface EmulatorOptions extends Partial<Settings> {
	/** Laid out as the server's file root; made when it is missing. */
	readonly folder: string;
	/** Default numeric: string ids are more than the official Python client can read. */
	readonly ids?: IdKind;
	/** State to begin with, its kind of ids comes first; a string is a file that `save` wrote. */
	readonly state?: SavedState | string;
	/** Default 0: any free one. */
	readonly port?: number;
	/** Default 127.0.0.1. */
	readonly host?: string;
	/** Besides the administrator. */
	readonly users?: ReadonlyArray<Pick<User, 'name' | 'password'> & Partial<User>>;
	readonly globalAcl?: readonly AclRule[];
}

export interface Emulator {
	/** Base address, without a slash at its end. */
	readonly url: string;
	readonly folder: string;
	readonly faults: Faults;
	readonly times: Times;
	/** Entities now and all their versions; for tests to look at. */
	readonly store: EntityStore;
	/** A token as `auth_token` of a client; lifetime in milliseconds. */
	authToken(name: string, limits?: { lifetime?: number; maxReplays?: number }): string;
	/** Writes all but the files into one JSON file. */
	save(path: string): Promise<void>;
	/** Forgets what there is and takes the state of such a file; files stay as they are. */
	load(path: string): Promise<void>;
	/** Ends the server and all connections. */
	stop(): Promise<void>;
}

/** The account of the official demo server. */
export const ADMIN = { name: 'admin', password: 'caosdb', realm: 'PAM' } as const;

const DEFAULT_SETTINGS: Settings = {
	contextRoot: '',
	findDefaultRole: 'RECORD',
	mergeGlobalAcl: false,
	listPermissions: true,
	allowAnonymous: false,
	sessionTimeout: 3_600_000,
	insertFilesFrom: [],
	pretty: false,
	utcOffset: 0,
	readTimeout: 30_000,
	bodyLimit: 2 ** 30,
};

/** The administrator, other users, and the roles that always exist. */
export function newAccounts(users: EmulatorOptions['users'] = []): Accounts {
	const defaults = { status: 'ACTIVE', email: null, entity: null } as const;
	const admin = { ...defaults, ...ADMIN, roles: [ADMINISTRATION] };
	const others = users.map((user) => ({
		...{ ...defaults, realm: INTERNAL_REALM, roles: [] },
		...user,
	}));
	return new Accounts([admin, ...others], DEFAULT_ROLES);
}

function newState(options: EmulatorOptions): ServerState {
	const store = new EntityStore();
	store.putAll(systemEntities());
	const { folder, ids = 'numeric', globalAcl = GLOBAL_ACL } = options;
	return {
		...{ store, files: new FileStore(folder), ids: new IdSource(ids) },
		...{ accounts: newAccounts(options.users), globalAcl, settings: settingsOf(options) },
	};
}

function takeOver({ store, ids, accounts }: ServerState, saved: SavedState): void {
	store.clear();
	store.putAll(systemEntities());
	store.load(saved.entities);
	ids.restart(saved.ids, saved.nextId);
	accounts.replace(saved.users, saved.roles);
}

function settingsOf(options: EmulatorOptions): Settings {
	const given = Object.entries(options).filter(([key, value]) => {
		return key in DEFAULT_SETTINGS && value !== undefined;
	});
	return { ...DEFAULT_SETTINGS, ...Object.fromEntries(given) };
}

function savedState({ store, ids, accounts }: ServerState): SavedState {
	const entities = [...store.heads()].map(({ id }) => store.history(id));
	return {
		...{ ids: ids.kind, nextId: ids.next, entities },
		...{ users: accounts.users, roles: accounts.roles },
	};
}

/** Starts a double of the CaosDB server. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
	const { folder, state: given, port = 0, host = '127.0.0.1' } = options;
	await mkdir(folder, { recursive: true });
	const state = newState(options);
	if (given !== undefined)
		takeOver(state, typeof given === 'string' ? await readState(given) : given);
	const { settings, accounts, store } = state;
	const sessions = new Sessions(accounts, settings.sessionTimeout);
	const [faults, times] = [new Faults(), new Times()];
	const server = new HttpServer({ router: new Router(state), sessions, faults, times, settings });
	return {
		url: `${await server.listen(port, host)}${settings.contextRoot}`,
		...{ folder, faults, times, store },
		authToken(name, { lifetime = settings.sessionTimeout, maxReplays = 1e9 } = {}) {
			const user = accounts.user(name, null);
			if (user === undefined) throw new Error(`There is no user ${name}.`);
			return sessions.oneTimeToken({ user, lifetime, maxReplays });
		},
		save: async (path) => await writeState(path, savedState(state)),
		load: async (path) => takeOver(state, await readState(path)),
		stop: async () => await server.close(),
	};
}
