import { type EngineContext, throwIfAborted } from '../../core/index.ts';
import type { ColumnStore } from './column-store.ts';
import type { CaosDbClient } from '../client/client.ts';
import { differences } from './compare.ts';
import { TargetIdentities } from './identity.ts';
import { type Found, TargetLookup, absolutePath } from './lookup.ts';
import type { Needs } from './needs.ts';
import type { ImportOrder } from './order.ts';
import { contentHash } from './pack.ts';
import type { ImportPair, KnownPair } from './pair.ts';
import { ImportResolver, PENDING_VERSION } from './resolver.ts';
import { rewriteEntity } from './rewrite.ts';
import { type ImportRules, NAMED_ROLES } from './rules.ts';
import type { SourceEntities } from './source.ts';
import type { ImportTable } from './table.ts';
import { Wanted } from './wanted.ts';
import type { Entity, Role } from '../model.ts';

/** Entities that are looked up together: few requests, little memory. */
const CHUNK_ENTITIES = 1000;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Which entity of the target one of the source is. */
type Match =
	| { readonly kind: 'none' }
	| { readonly kind: 'found'; readonly target: Entity }
	/** Transferred before, and not there any more. */
	| { readonly kind: 'gone' }
	| { readonly kind: 'unclear'; readonly reason: string };

interface Matched {
	readonly wanted: Wanted;
	readonly match: Match;
}

/** Entities, and what the target has of them. */
interface LookedUp {
	readonly wanted: readonly Wanted[];
	readonly found: Promise<Found>;
}

export interface PlanInput {
	readonly client: CaosDbClient;
	readonly source: SourceEntities;
	readonly order: ImportOrder;
	readonly needs: Needs;
	readonly pair: ImportPair;
	readonly table: ImportTable;
	readonly rules: ImportRules;
	/** See `NumberColumn`. */
	readonly store: ColumnStore;
	/** Whether the source has the content of the file with this path, which begins with a slash. */
	readonly hasContent: (path: string) => boolean;
}

/** Whether the source is as it was when it was last transferred, as far as that is known. */
function isSourceUnchanged({ states }: KnownPair, entity: Entity): boolean {
	const hash = contentHash(entity);
	const version = entity.version?.id ?? null;
	return states.some(
		(state) =>
			state.hash === hash ||
			(state.hash === null && version !== null && state.sourceVersion === version),
	);
}

function isTargetUnchanged(known: KnownPair, target: Entity): boolean {
	const version = target.version?.id ?? null;
	return known.states.some(
		({ targetVersion }) => targetVersion === null || version === null || targetVersion === version,
	);
}

/** Decides what is to be done about each entity, in the order of the import, and changes nothing. */
export class ImportPlanner {
	readonly #input: PlanInput;
	readonly #lookup: TargetLookup;
	readonly #identities: TargetIdentities;
	readonly #resolver: ImportResolver;

	constructor(input: PlanInput) {
		this.#input = input;
		const { client, rules } = input;
		this.#lookup = new TargetLookup(client);
		this.#identities = new TargetIdentities(client, rules.identifyingProperties);
		this.#resolver = new ImportResolver(input, true);
	}

	/** Throws what requests throw. */
	async plan({ signal, progress }: EngineContext): Promise<void> {
		const { order, source } = this.#input;
		let chunk: number[] = [];
		let [bytes, done] = [0, 0];
		let ahead: LookedUp = { wanted: [], found: this.#lookup.find([], () => false) };
		// The server answers for one chunk while the one before is decided.
		const planned = async (): Promise<void> => {
			throwIfAborted(signal);
			const next = this.#lookUp(chunk);
			await this.#planChunk(ahead);
			done += ahead.wanted.length;
			progress.report({ phase: 'check', done, total: source.count, unit: 'entries' });
			ahead = next;
			[chunk, bytes] = [[], 0];
		};
		for (const index of order.entities.values()) {
			chunk.push(index);
			bytes += source.bytes(index);
			if (chunk.length >= CHUNK_ENTITIES || bytes >= CHUNK_BYTES) await planned();
		}
		await planned();
		await planned();
	}

	#lookUp(indexes: readonly number[]): LookedUp {
		const { source, pair } = this.#input;
		const wanted = indexes.map((index) => {
			const key = source.key(index);
			return new Wanted(source, index, key === null ? undefined : pair.known(key));
		});
		const found = this.#lookup.find(wanted, (one) => this.#usesName(one));
		// Reported when its turn comes.
		found.catch(() => undefined);
		return { wanted, found };
	}

	async #planChunk({ wanted, found: asked }: LookedUp): Promise<void> {
		const found = await asked;
		const matched: Matched[] = [];
		for (const one of wanted) {
			const match = await this.#match(one, found);
			if (match.kind === 'found') this.#claim(one.index, match.target);
			matched.push({ wanted: one, match });
		}
		for (const one of matched) this.#decide(one);
	}

	#usesName({ role, known }: Wanted): boolean {
		if (known !== undefined) return false;
		return (
			NAMED_ROLES.includes(role) || (role === 'Record' && this.#input.rules.matchBy === 'name')
		);
	}

	#claim(index: number, { id, version }: Entity): void {
		if (id !== null) this.#input.table.setTarget(index, id, version?.id ?? null);
	}

	async #match(wanted: Wanted, found: Found): Promise<Match> {
		const { role, known } = wanted;
		if (known !== undefined) return this.#matchKnown(known, role, found);
		if (NAMED_ROLES.includes(role)) return this.#matchName(wanted, found, () => true);
		if (role === 'File') {
			const { path } = wanted.entity;
			const target = path === null ? undefined : found.byPath.get(absolutePath(path));
			return target === undefined ? { kind: 'none' } : this.#single([target], 'path');
		}
		switch (this.#input.rules.matchBy) {
			case 'name':
				return this.#matchRecord(wanted, found);
			case 'properties':
				return await this.#matchIdentity(wanted);
			case 'earlierImports':
				return { kind: 'none' };
		}
	}

	#matchKnown({ target: id }: KnownPair, role: Role, { byId }: Found): Match {
		const target = byId.get(id);
		if (target === undefined) return { kind: 'gone' };
		if (target.role === role) return { kind: 'found', target };
		const reason = `by the id map it is the ${target.role} ${id} of the target; is it of another source?`;
		return { kind: 'unclear', reason };
	}

	#matchName({ name, role }: Wanted, { byName }: Found, fits: (target: Entity) => boolean): Match {
		const named = name === null ? undefined : byName.get(name);
		if (named === undefined) return { kind: 'none' };
		const targets = named.filter((target) => target.role === role && fits(target));
		return this.#single(targets, 'name');
	}

	#matchRecord(wanted: Wanted, found: Found): Match {
		if (wanted.name === null || !found.byName.has(wanted.name)) return { kind: 'none' };
		const parents = wanted.entity.parents.map(({ id, name }) => ({
			id: id === null ? undefined : this.#resolver.id(id),
			name,
		}));
		const isParent = (one: Entity['parents'][number]): boolean =>
			parents.some(({ id, name }) => (id === undefined ? one.name === name : one.id === id));
		return this.#matchName(wanted, found, (target) =>
			parents.length === 0 ? target.parents.length === 0 : target.parents.some(isParent),
		);
	}

	async #matchIdentity({ entity }: Wanted): Promise<Match> {
		const typeName = this.#typeNameOf(entity);
		const { entity: record } = rewriteEntity(entity, null, this.#resolver);
		if (typeName === undefined || !this.#identities.isIdentified(record)) return { kind: 'none' };
		const ids = await this.#identities.find(typeName, record);
		if (ids.length === 0) return { kind: 'none' };
		const targets = await this.#lookup.byIds(ids);
		return this.#single([...targets.values()], 'identifying properties');
	}

	/** Name of the first parent, under which the server lists a Record. */
	#typeNameOf({ parents }: Entity): string | undefined {
		const [parent] = parents;
		if (parent === undefined) return undefined;
		return parent.name ?? (parent.id === null ? undefined : this.#resolver.typeName(parent.id));
	}

	#single(targets: readonly Entity[], what: string): Match {
		const { table } = this.#input;
		const [target] = targets;
		if (target?.id === undefined || target.id === null) return { kind: 'none' };
		if (targets.length > 1) {
			const ids = targets.map(({ id }) => id ?? '').join(', ');
			return { kind: 'unclear', reason: `the target has several of this ${what}: ${ids}` };
		}
		if (!table.isClaimed(target.id)) return { kind: 'found', target };
		const reason = `another entity of the source has the same ${what}, and is ${target.id} of the target`;
		return { kind: 'unclear', reason };
	}

	#decide({ wanted: one, match }: Matched): void {
		const { index, known } = one;
		if (match.kind === 'none' && this.#isSayable(index)) return this.#insert(one);
		const { entity } = one;
		const { table } = this.#input;
		const targetId = table.target(index) ?? null;
		const { entity: wanted, problems } = rewriteEntity(entity, targetId, this.#resolver);
		if (problems.length > 0) return this.#refuse(index, problems);
		switch (match.kind) {
			case 'none':
				return this.#insert(one);
			case 'unclear':
				return this.#refuse(index, [match.reason]);
			case 'gone': {
				const message = `it was transferred before as ${known?.target ?? ''}, which the target has no more`;
				return this.#conflict(index, { differences: [], messages: [message] }, 'insert');
			}
			case 'found':
				return this.#compare(one, wanted, match.target);
		}
	}

	/** Certain without a look at the entity itself: what it mentions is there or will be. */
	#isSayable(index: number): boolean {
		const { source, needs, table } = this.#input;
		if (!source.isClosed(index)) return false;
		for (let place = 0; ; place++) {
			const needed = needs.at(index, place);
			if (needed === undefined) return true;
			if (table.action(needed) !== 'insert' && table.target(needed) === undefined) return false;
		}
	}

	#insert(wanted: Wanted): void {
		const { table, hasContent } = this.#input;
		const { index, role } = wanted;
		if (role !== 'File') return table.decide(index, 'insert');
		const { path } = wanted.entity;
		if (path === null) return this.#refuse(index, ['it has no path']);
		if (!hasContent(absolutePath(path))) {
			return this.#refuse(index, [
				`its content downloads${absolutePath(path)} is not in the source`,
			]);
		}
		table.decide(index, 'insert');
	}

	#compare({ index, entity, known }: Wanted, wanted: Entity, target: Entity): void {
		const { table } = this.#input;
		const found = differences(wanted, target).filter((text) => !text.includes(PENDING_VERSION));
		if (found.length === 0) return table.decide(index, 'unchanged');
		const note = { differences: found, messages: [] };
		if (known === undefined) {
			const messages = ['it differs, and no earlier import is recorded'];
			return this.#conflict(index, { ...note, messages }, 'update');
		}
		const isUnchanged = isSourceUnchanged(known, entity);
		const isTargetOld = isTargetUnchanged(known, target);
		if (isUnchanged && isTargetOld) return table.decide(index, 'unchanged');
		if (isUnchanged) {
			const messages = ['it changed on the target only, and stays as it is there'];
			return table.decide(index, 'unchanged', { ...note, messages });
		}
		if (isTargetOld) return table.decide(index, 'update', note);
		const messages = ['it changed on both sides since it was transferred'];
		this.#conflict(index, { ...note, messages }, 'update');
	}

	#conflict(
		index: number,
		note: { readonly differences: readonly string[]; readonly messages: readonly string[] },
		otherwise: 'insert' | 'update',
	): void {
		const { table, rules } = this.#input;
		switch (rules.onConflict) {
			case 'fail':
				return table.decide(index, 'conflict', note);
			case 'skip':
				return table.decide(index, 'skip', note);
			case 'update':
				return table.decide(index, otherwise, note);
		}
	}

	/** No rule helps: what it says cannot be done. */
	#refuse(index: number, messages: readonly string[]): void {
		this.#input.table.decide(index, 'conflict', { differences: [], messages });
	}
}
