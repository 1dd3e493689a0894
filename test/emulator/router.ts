import { permissionRulesRoute, roleRoute, userRolesRoute, userRoute } from './account-routes.ts';
import { checkFileStorage } from './check-file-storage.ts';
import { fileSystemRoute, thumbnailRoute } from './file-routes.ts';
import { entityPermissionsRoute, infoRoute } from './info-routes.ts';
import { HttpError, type Reply, type Request, documentReply, responseRoot } from './reply.ts';
import { QueryEngine, retrieve } from './retrieve.ts';
import type { ServerState } from './server-state.ts';
import {
	type Refuse,
	deleteEntities,
	filesInDirectory,
	insertEntities,
	updateEntities,
} from './write-routes.ts';

const TRANSACTIONS: Readonly<Record<string, string>> = {
	POST: 'TRANSACTION:INSERT',
	PUT: 'TRANSACTION:UPDATE',
	DELETE: 'TRANSACTION:DELETE',
};

/** Leads a request to what answers it. Writes come one after the other. */
export class Router {
	readonly #state: ServerState;
	readonly #queries: QueryEngine;
	#lastWrite: Promise<unknown> = Promise.resolve();

	constructor(state: ServerState) {
		this.#state = state;
		this.#queries = new QueryEngine(state);
	}

	/** Throws HttpError when the request cannot be answered. */
	async answer(request: Request, refuse: Refuse): Promise<Reply> {
		const state = this.#state;
		switch (request.segments[0]) {
			case 'Entity':
				return await this.#entity(request, refuse);
			case 'FileSystem':
				return await fileSystemRoute(state, request);
			case 'Thumbnails':
				return thumbnailRoute(state, request);
			case 'Info':
				return infoRoute(state, request);
			case 'EntityPermissions':
				return entityPermissionsRoute(state, request);
			case 'User':
				return userRoute(state, request);
			case 'Role':
				return roleRoute(state, request);
			case 'UserRoles':
				return userRolesRoute(state, request);
			case 'PermissionRules':
				return permissionRulesRoute(state, request);
			default:
				throw new HttpError(404, 'This resource does not exist.');
		}
	}

	async #entity(request: Request, refuse: Refuse): Promise<Reply> {
		const { method, segments, flags } = request;
		const keys = (segments[1] ?? '').split('&').filter((key) => key !== '');
		if (method === 'GET') return await this.#retrieve(keys, request);
		const permission = TRANSACTIONS[method];
		if (permission === undefined) throw new HttpError(405, 'Method not allowed.');
		if (!this.#state.accounts.may(request.actor, permission)) {
			throw new HttpError(403, `You are not allowed to do this: ${permission} is missing.`);
		}
		return await this.#write(async () => {
			const directory = flags.get('InsertFilesInDir');
			if (method === 'DELETE') return await deleteEntities(keys, this.#state, request);
			if (method === 'PUT') return await updateEntities(this.#state, request, refuse);
			if (directory !== undefined) return await filesInDirectory(directory, this.#state, request);
			return await insertEntities(this.#state, request, refuse);
		});
	}

	async #retrieve(keys: readonly string[], request: Request): Promise<Reply> {
		const { flags, actor } = request;
		const query = flags.get('query');
		const directory = flags.get('InsertFilesInDir');
		const consistency = flags.get('fileStorageConsistency');
		if (query !== undefined) return this.#queries.answer(query, request);
		if (directory !== undefined) return await filesInDirectory(directory, this.#state, request);
		if (consistency !== undefined) {
			return documentReply(responseRoot(actor, await checkFileStorage(consistency, this.#state)));
		}
		return retrieve(keys, this.#state, request);
	}

	/** Waits for the write before, whatever came of it. */
	async #write(work: () => Promise<Reply>): Promise<Reply> {
		const mine = this.#lastWrite.then(work);
		this.#lastWrite = mine.catch(() => undefined);
		return await mine;
	}
}
