import { EngineError } from '../../core/index.ts';
import type {
	ChangeServer,
	EntityHead,
	PageRange,
	QueryPage,
	ServerClock,
	VersionMark,
} from './change-server.ts';
import type { CaosDbClient } from '../client/client.ts';
import { queryHead } from '../client/query-pages.ts';
import type { Answer } from '../client/read-answer.ts';
import { queryString } from '../client/url-path.ts';
import { entityLabel } from '../entity-id.ts';
import type { Entity, Version } from '../model.ts';
import { parseClock, parseVersionDate } from './server-time.ts';

const QUERY = 'the query for changes';

function invalid(message: string, remedy: string): EngineError {
	return new EngineError('server_answer_invalid', message, { remedy });
}

function noVersion(entity: Entity): EngineError {
	return invalid(
		`The server tells no version of ${entityLabel(entity)}`,
		'Changes are known by versions: switch ENTITY_VERSIONING on in the SQL back end.',
	);
}

function markOf({ id, date, username }: Version, entity: Entity): VersionMark {
	const time = date === null ? NaN : parseVersionDate(date);
	if (id === null || Number.isNaN(time)) throw noVersion(entity);
	return { id, time, username };
}

/** The version of whom nothing came before; a merge has several, the first of which counts. */
function oldest(version: Version): Version {
	let first = version;
	for (let [before] = first.predecessors; before !== undefined; [before] = first.predecessors) {
		first = before;
	}
	return first;
}

function headOf(entity: Entity): EntityHead {
	const { id, role, name, path, version } = entity;
	if (id === null || version === null) throw noVersion(entity);
	const [before] = version.predecessors;
	const isWhole = version.completeHistory?.toLowerCase() === 'true';
	return {
		...{ id, role, name, path },
		version: markOf(version, entity),
		before: before === undefined ? null : markOf(before, entity),
		first: isWhole ? markOf(oldest(version), entity) : null,
	};
}

function idOf({ id }: Entity): string {
	if (id !== null) return id;
	throw invalid('The server answered a query with an entity without id', 'Check the base URL.');
}

/** Milliseconds since 1970. */
function timeOf({ time }: Answer): number {
	if (time !== undefined) return time;
	throw invalid(
		'The server does not tell its time',
		'Check that the base URL leads to the CaosDB server itself.',
	);
}

function isRefusal(error: unknown): boolean {
	if (!(error instanceof EngineError)) return false;
	return error.code === 'server_refused' || error.code === 'server_access_denied';
}

interface Shown {
	readonly entities: readonly Entity[];
	readonly missing: readonly string[];
}

/** A server as the finding of changes asks it, by the client. */
export class ClientChangeServer implements ChangeServer {
	readonly #client: CaosDbClient;

	constructor(client: CaosDbClient) {
		this.#client = client;
	}

	async clock(): Promise<ServerClock> {
		const { timeZone } = await this.#client.info();
		return parseClock(timeZone?.offset, timeZone?.id);
	}

	async count(query: string): Promise<QueryPage<never>> {
		const { total, etag, time } = await this.#page({ query }, () => null);
		return { total, etag, time, found: [] };
	}

	async heads(query: string, range: PageRange): Promise<QueryPage<EntityHead>> {
		return await this.#page({ query, P: `${range.index}L${range.length}` }, headOf);
	}

	async ids(query: string, range: PageRange): Promise<QueryPage<string>> {
		return await this.#page({ query, P: `${range.index}L${range.length}` }, idOf);
	}

	async retrieve(ids: readonly string[], withHistory: boolean): Promise<readonly EntityHead[]> {
		return (await this.#shown(ids, withHistory ? { H: '' } : {})).entities.map(headOf);
	}

	async missing(ids: readonly string[]): Promise<readonly string[]> {
		return (await this.#shown(ids, {})).missing;
	}

	async #page<Found>(
		flags: Readonly<Record<string, string>>,
		read: (entity: Entity) => Found,
	): Promise<QueryPage<Found>> {
		const answer = await this.#client.read(`Entity${queryString(flags)}`, QUERY);
		const { total, etag } = queryHead(answer, QUERY);
		return { total, etag, time: timeOf(answer), found: answer.entities.map(read) };
	}

	/** What may be seen of these, and what does not exist; an entity that may not be seen does exist. */
	async #shown(ids: readonly string[], flags: Readonly<Record<string, string>>): Promise<Shown> {
		const shown = { entities: [] as Entity[], missing: [] as string[] };
		try {
			for await (const { entities, missing } of this.#client.retrieve(ids, flags)) {
				shown.entities.push(...entities);
				shown.missing.push(...missing);
			}
			return shown;
		} catch (error) {
			if (!isRefusal(error)) throw error;
			if (ids.length <= 1) return { entities: [], missing: [] };
		}
		const middle = Math.ceil(ids.length / 2);
		const first = await this.#shown(ids.slice(0, middle), flags);
		const second = await this.#shown(ids.slice(middle), flags);
		return {
			entities: [...first.entities, ...second.entities],
			missing: [...first.missing, ...second.missing],
		};
	}
}
