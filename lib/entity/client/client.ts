import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

import { EngineError, type HttpResponse } from '../../core/index.ts';
import type { Entity } from '../model.ts';
import { writeDocument } from '../write-document.ts';
import { accessDenied, refused } from './answer-errors.ts';
import { type RequestBody, type Upload, multipartBody, xmlBody } from './multipart-body.ts';
import { parseOutcome } from './parse-outcome.ts';
import { type QueryOptions, type QueryPage, QueryPages, queryHead } from './query-pages.ts';
import { type Answer, errorsOf } from './read-answer.ts';
import { Requests, type RequestsOptions } from './requests.ts';
import { FIRST_BATCH, type Retrieved, batchLimit, nextBatch, retrieveBatch } from './retrieve.ts';
import { type ServerInfo, serverInfo } from './server-info.ts';
import { entityPath, fileSystemPath, queryString, quoted } from './url-path.ts';
import { type WriteResult, entityErrors, writeResult } from './write-answer.ts';

export type ClientOptions = RequestsOptions;

export type Flags = Readonly<Record<string, string>>;

export interface WriteOptions {
	/** e.g. `{ uniquename: 'true' }`. */
	readonly flags?: Flags;
	/** Content of File entities, by their place among the entities sent. */
	readonly uploads?: ReadonlyMap<number, Omit<Upload, 'token'>>;
}

/** Requests for ids under way at once: the server works while this side reads. */
const PARALLEL_BATCHES = 3;
/** Ids per DELETE, as the official client sends. */
const DELETE_LIMIT = 100;
/** The server's code for an entity that was deleted. */
const DELETED = '10';

/** The interface of a CaosDB server. Every method throws what `Requests.run` throws, beside what it names. */
export class CaosDbClient {
	readonly #requests: Requests;

	constructor(options: ClientOptions) {
		this.#requests = new Requests(options);
	}

	/** What the server says of itself and of who asks. */
	async info(): Promise<ServerInfo> {
		return serverInfo(await this.administrative('Info', 'the request for information'));
	}

	/** A document of the server by its path; errors directly under its root throw `server_refused`. */
	async read(path: string, what: string): Promise<Answer> {
		return await this.#document(path, what, async (response) =>
			this.#requests.answer(response, what),
		);
	}

	/** The same for a small one without entities: about the server, an account or a role. */
	async administrative(path: string, what: string): Promise<Answer> {
		return await this.#document(path, what, async (response) =>
			this.#requests.administrative(response, what),
		);
	}

	async #document(
		path: string,
		what: string,
		read: (response: HttpResponse) => Promise<Answer>,
	): Promise<Answer> {
		return await this.#requests.run({ method: 'GET', path, what }, async (response) => {
			const answer = await read(response);
			const errors = errorsOf(answer.messages);
			if (errors.length > 0) throw refused(what, errors);
			return answer;
		});
	}

	/** Pages of a FIND query, checked against each other; see QueryPages. */
	query(text: string, options: QueryOptions = {}): AsyncGenerator<QueryPage> {
		return new QueryPages(this.#requests, text, options).read();
	}

	/** How many a COUNT or FIND query would find. */
	async count(text: string): Promise<number> {
		const path = `Entity${queryString({ query: text.replace(/^\s*FIND\b/i, 'COUNT') })}`;
		return await this.#requests.run(
			{ method: 'GET', path, what: 'the query' },
			async (response) => {
				const answer = await this.#requests.answer(response, 'the query');
				return queryHead(answer, 'the query').total;
			},
		);
	}

	/**
	 * Entities by id (maybe `id@version`) or name, batch by batch in the order asked; a name may give several.
	 * Names with `&` cannot be asked for so: see `named`.
	 */
	async *retrieve(keys: readonly string[], flags: Flags = {}): AsyncGenerator<Retrieved> {
		const running: Array<Promise<Retrieved>> = [];
		let limit = FIRST_BATCH;
		for (let at = 0; at < keys.length || running.length > 0;) {
			while (at < keys.length && running.length < PARALLEL_BATCHES) {
				const batch = nextBatch(keys, at, limit);
				at += batch.length;
				const started = retrieveBatch(this.#requests, batch, flags);
				started.catch(() => undefined);
				running.push(started);
			}
			const done = await running.shift();
			if (done === undefined) return;
			limit = batchLimit(done);
			yield done;
		}
	}

	/** All entities of this name, letter case ignored as the server does, of any role. */
	async named(name: string, flags: Flags = {}): Promise<Entity[]> {
		const found: Entity[] = [];
		const text = `FIND ENTITY WITH name=${quoted(name)}`;
		for await (const { entities } of this.query(text, { flags })) found.push(...entities);
		return found.filter((entity) => entity.name?.toLowerCase() === name.toLowerCase());
	}

	/** The File at this path, if there is one. */
	async fileAt(path: string): Promise<Entity | undefined> {
		const text = `FIND FILE WHICH IS STORED AT ${quoted(path)}`;
		for await (const { entities } of this.query(text)) {
			const found = entities.find((entity) => entity.path === path);
			if (found !== undefined) return found;
		}
		return undefined;
	}

	/** Inserts all or nothing in one request; see `writeResult`. */
	async insert(entities: readonly Entity[], options: WriteOptions = {}): Promise<WriteResult> {
		return await this.#write('POST', entities, options);
	}

	/** Replaces entities by what is sent, all or nothing. */
	async update(entities: readonly Entity[], options: WriteOptions = {}): Promise<WriteResult> {
		return await this.#write('PUT', entities, options);
	}

	/** Deletes all or, per request of 100, nothing. Throws `server_refused`. */
	async remove(ids: readonly string[]): Promise<void> {
		for (let at = 0; at < ids.length; at += DELETE_LIMIT) {
			await this.#removeBatch(ids.slice(at, at + DELETE_LIMIT));
		}
	}

	/**
	 * Reads a file's content with `use`, which is called anew when the connection fails. Throws
	 * `entity_file_missing`, `tree_entry_unsafe`.
	 */
	async download<T>(path: string, use: (content: Readable) => Promise<T>): Promise<T> {
		const what = `the download of ${path}`;
		const call = { method: 'GET', path: fileSystemPath(path), what } as const;
		try {
			return await this.#requests.run(call, async ({ body }) => await use(body));
		} catch (error) {
			if (!(error instanceof EngineError) || error.details['status'] !== 404) throw error;
			throw new EngineError(
				'entity_file_missing',
				`The server has no content for the file ${path}`,
				{
					remedy: 'Look for it in the file root of the server.',
					details: { path },
					cause: error,
				},
			);
		}
	}

	async #write(
		method: 'POST' | 'PUT',
		entities: readonly Entity[],
		{ flags = {}, uploads = new Map() }: WriteOptions,
	): Promise<WriteResult> {
		if (entities.length === 0) return { kind: 'done', entities: [], messages: [] };
		const action = method === 'POST' ? 'insert' : 'update';
		const what = `the ${action} of ${entities.length === 1 ? 'one entity' : `${entities.length} entities`}`;
		const marks = entities.map(() => randomUUID());
		const body = await this.#body(method, marked(entities, marks), uploads);
		const call = {
			...{ method, path: `Entity${queryString(flags)}`, what },
			...{ headers: body.headers, body: body.open },
		};
		return await this.#requests.run(call, async (response) => {
			const answer = await this.#requests.answer(response, what, { parse: parseOutcome });
			return writeResult(answer, new Map(marks.map((mark, index) => [mark, index])), what);
		});
	}

	async #body(
		method: 'POST' | 'PUT',
		entities: readonly Entity[],
		uploads: NonNullable<WriteOptions['uploads']>,
	): Promise<RequestBody> {
		const files = [...uploads].map(([index, upload]) => ({
			...upload,
			token: `part${index}`,
			index,
		}));
		const tokens = new Map(files.map(({ index, token }) => [entities[index], token]));
		const document = writeDocument(entities, {
			...{ root: method === 'POST' ? 'Insert' : 'Update', isPretty: false },
			...{ signal: this.#requests.signal, uploadOf: (entity) => tokens.get(entity) },
		});
		const chunks: Uint8Array[] = [];
		for await (const chunk of document) chunks.push(chunk);
		const bytes = Buffer.concat(chunks);
		return files.length === 0 ? xmlBody(bytes) : multipartBody(bytes, files);
	}

	async #removeBatch(ids: readonly string[]): Promise<void> {
		const what = `the delete of ${ids.length === 1 ? 'one entity' : `${ids.length} entities`}`;
		const call = { method: 'DELETE', path: entityPath(ids), what } as const;
		await this.#requests.run(call, async (response) => {
			const answer = await this.#requests.answer(response, what);
			const errors = [...answer.entities.flatMap(entityErrors), ...errorsOf(answer.messages)];
			if (errors.some(({ code }) => code === '403')) throw accessDenied(what, 403);
			if (errors.length > 0) throw refused(what, errors);
			const deleted = answer.entities.filter(({ messages }) =>
				messages.some(({ kind, code }) => kind === 'Info' && code === DELETED),
			);
			if (deleted.length < ids.length) throw notDeleted(what, deleted.length);
		});
	}
}

function marked(entities: readonly Entity[], marks: readonly string[]): Entity[] {
	return entities.map((entity, index) => ({ ...entity, cuid: marks[index] ?? null }));
}

function notDeleted(what: string, count: number): EngineError {
	return new EngineError('server_outcome_unknown', `${what} was confirmed for ${count} only`, {
		remedy: 'Look on the server which of them are left.',
		details: { deleted: count },
	});
}
