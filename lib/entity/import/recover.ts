import { EngineError } from '../../core/index.ts';
import type { CaosDbClient } from '../client/client.ts';
import { splitReference } from '../datatypes.ts';
import { entityLabel, isTemporaryId } from '../entity-id.ts';
import { plainValue } from './compare.ts';
import type { ImportPair } from './pair.ts';
import type { AppliedProperty, Entity, Value } from '../model.ts';

/*
 * What became of an insert whose answer was lost. The server inserts all or nothing, so either every entity of
 * the request is found among those that this account inserted since, or none is. Anything in between is not
 * decided here.
 */

export type LostOutcome =
	| { readonly kind: 'absent' }
	/** In the order sent. */
	| { readonly kind: 'found'; readonly entities: readonly Entity[] };

/** Clocks tick in seconds in queries, and may be set while a server runs. */
const MARGIN_MS = 5_000;
const NAMED_CANDIDATES = 10;

/** `+0100` in minutes. */
function offsetMinutes(offset: string): number {
	const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
	return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** A time as queries have it: by the server's own zone. */
function queryTime(milliseconds: number, offset: string): string {
	const local = new Date(milliseconds + offsetMinutes(offset) * 60_000);
	return local.toISOString().slice(0, 19);
}

type Mask = (id: string) => string;

function maskValue(value: Value, datatype: string | null, mask: Mask): unknown {
	const plain = plainValue(value, datatype);
	const one = (item: string | null): string | null => {
		if (item === null) return null;
		const { id, version } = splitReference(item);
		const masked = mask(id);
		return masked === id ? item : version === null ? masked : `${masked}@${version}`;
	};
	return plain === null || typeof plain === 'string' ? one(plain) : plain.map(one);
}

function propertySignature(property: AppliedProperty, mask: Mask): string {
	const { value, datatype, properties } = property;
	const inner = properties.map((one) => propertySignature(one, mask)).sort();
	return JSON.stringify([maskValue(value, datatype, mask), inner]);
}

/** What sent and answered entity have in common, with what is not known of ids masked. */
function signature({ role, name, path, parents, properties }: Entity, mask: Mask): string {
	return JSON.stringify([
		...[role, name, path],
		parents.length,
		properties.map((property) => propertySignature(property, mask)).sort(),
	]);
}

function grossSignature({ role, name, path }: Entity): string {
	return JSON.stringify([role, name, path]);
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [item]);
		else group.push(item);
	}
	return groups;
}

/** Pairs sent entities with those that were found, from those that are unlike all others to the rest. */
class Pairing {
	readonly #sent: readonly Entity[];
	readonly #freeSent: Set<Entity>;
	readonly #free: Map<string, Entity>;
	readonly #idOf = new Map<string, string>();
	readonly #found = new Map<Entity, Entity>();

	constructor(sent: readonly Entity[], candidates: readonly Entity[]) {
		this.#sent = sent;
		this.#freeSent = new Set(sent);
		this.#free = new Map(candidates.map((candidate) => [candidate.id ?? '', candidate]));
	}

	/** In the order sent, or undefined when it is not certain. */
	pairs(): Entity[] | undefined {
		while (this.#freeSent.size > 0) {
			if (!this.#pairUnique() && !this.#pairAlike()) return undefined;
		}
		const entities = this.#sent.flatMap((entity) => this.#found.get(entity) ?? []);
		const areEqual = this.#sent.every((entity) => {
			const found = this.#found.get(entity);
			return found !== undefined && this.#ofSent(entity) === this.#ofFound(found);
		});
		return areEqual ? entities : undefined;
	}

	#ofSent(entity: Entity): string {
		return signature(entity, (id) => this.#idOf.get(id) ?? (isTemporaryId(id) ? '*' : id));
	}

	#ofFound(entity: Entity): string {
		return signature(entity, (id) => (this.#free.has(id) ? '*' : id));
	}

	#pair(sent: Entity, found: Entity): void {
		this.#found.set(sent, found);
		this.#freeSent.delete(sent);
		this.#free.delete(found.id ?? '');
		if (sent.id !== null && found.id !== null) this.#idOf.set(sent.id, found.id);
	}

	#groups(): Array<readonly [Entity[], Entity[]]> {
		const found = groupBy(this.#free.values(), (entity) => this.#ofFound(entity));
		const sent = groupBy(this.#freeSent, (entity) => this.#ofSent(entity));
		return [...sent].map(([key, group]) => [group, found.get(key) ?? []] as const);
	}

	#pairUnique(): boolean {
		let isProgress = false;
		for (const [sent, found] of this.#groups()) {
			const [[one], [other]] = [sent, found];
			if (sent.length !== 1 || found.length !== 1 || one === undefined || other === undefined)
				continue;
			this.#pair(one, other);
			isProgress = true;
		}
		return isProgress;
	}

	/** Equal to each other in all they say: if nobody of the request refers to them, any order is right. */
	#pairAlike(): boolean {
		const mentioned = JSON.stringify(
			this.#sent.map(({ properties, parents }) => [properties, parents]),
		);
		for (const [sent, found] of this.#groups()) {
			if (sent.length !== found.length) continue;
			if (sent.some(({ id }) => id !== null && mentioned.includes(`"${id}`))) continue;
			sent.forEach((entity, at) => {
				const other = found[at];
				if (other !== undefined) this.#pair(entity, other);
			});
			return true;
		}
		return false;
	}
}

function undecided(
	sent: readonly Entity[],
	candidates: readonly Entity[],
	cause?: unknown,
): EngineError {
	const named = candidates.slice(0, NAMED_CANDIDATES).map(entityLabel).join(', ');
	const more = candidates.length > NAMED_CANDIDATES ? ', …' : '';
	const list = candidates.length === 0 ? 'none was found' : `candidates are ${named}${more}`;
	return new EngineError(
		'import_undecided',
		`The answer to an insert of ${sent.length} entities was lost, and it is not certain what became of them: ${list}`,
		{
			remedy:
				'Look on the target whether they are what was to be inserted. Delete those that are, then run the import again: it goes on where it was.',
			details: { entities: sent.length, candidates: candidates.length },
			...(cause === undefined ? {} : { cause }),
		},
	);
}

export interface LostInsert {
	/** As they were sent, with their temporary ids. */
	readonly sent: readonly Entity[];
	/** Milliseconds since 1970 on the server's clock; it was sent after that. */
	readonly since: number;
	/** Milliseconds from its beginning to the failure: the server may be busy with it for as long again. */
	readonly lasted: number;
}

/** Entities that this account inserted since, and that no import knows. */
async function candidatesSince(
	client: CaosDbClient,
	since: number,
	isKnown: (id: string) => boolean,
): Promise<Entity[]> {
	const { timeZone } = await client.info();
	const time = queryTime(since - MARGIN_MS, timeZone?.offset ?? '+0000');
	const candidates: Entity[] = [];
	const query = `FIND ENTITY WHICH WAS INSERTED BY ME SINCE '${time}'`;
	for await (const { entities } of client.query(query)) {
		for (const entity of entities) {
			if (entity.id !== null && !isKnown(entity.id)) candidates.push(entity);
		}
	}
	return candidates;
}

/** Entities of the names and paths that were sent. */
async function candidatesByName(client: CaosDbClient, sent: readonly Entity[]): Promise<Entity[]> {
	const found = new Map<string, Entity>();
	for (const { role, name, path } of sent) {
		const entities =
			role === 'File' && path !== null
				? [await client.fileAt(path)]
				: name === null
					? []
					: await client.named(name);
		for (const entity of entities) if (entity?.id != null) found.set(entity.id, entity);
	}
	return [...found.values()];
}

/**
 * Looks on the server what became of a lost insert. Throws `import_undecided` with the candidates, and what
 * requests throw.
 */
export async function recoverInsert(
	{ sent, since }: Omit<LostInsert, 'lasted'>,
	client: CaosDbClient,
	pair: Pick<ImportPair, 'isKnownTarget'>,
): Promise<LostOutcome> {
	const isKnown = (id: string): boolean => pair.isKnownTarget(id);
	let candidates: Entity[];
	try {
		candidates = await candidatesSince(client, since, isKnown);
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'server_refused') throw error;
		candidates = (await candidatesByName(client, sent)).filter(({ id }) => !isKnown(id ?? ''));
		if (sent.some(({ name, path }) => name === null && path === null)) {
			throw undecided(sent, candidates, error);
		}
	}
	const plain = sent.map(withAbsolutePath);
	const wanted = new Set(plain.map(grossSignature));
	const alike = candidates.filter((candidate) => wanted.has(grossSignature(candidate)));
	if (alike.length === 0) return { kind: 'absent' };
	const entities = new Pairing(plain, alike).pairs();
	if (entities === undefined) throw undecided(sent, alike);
	return { kind: 'found', entities };
}

function withAbsolutePath(entity: Entity): Entity {
	const { path } = entity;
	return path === null || path.startsWith('/') ? entity : { ...entity, path: `/${path}` };
}
