import type { Actor } from './acl.ts';
import { effectiveDatatype } from './entity-store.ts';
import { isSystemId } from './ids.ts';
import { type AppliedProperty, type Entity, isReference, referencedId } from './model.ts';
import { compareValue } from './query-compare.ts';
import type { Filter, Pattern, Query, TimeFilter } from './query.ts';
import type { ServerState } from './server-state.ts';
import { localTime } from './versions.ts';

interface Search {
	readonly state: ServerState;
	readonly actor: Actor;
}

function matches(pattern: Pattern, text: string | null): boolean {
	if (text === null) return false;
	if (pattern.matches !== null) return pattern.matches.test(text);
	return text.toLowerCase() === pattern.text.toLowerCase();
}

/** Every entity the pattern names, by id or name, and all their children at any depth. */
function withChildren(pattern: Pattern, { state: { store } }: Search): Set<string> {
	const byId = store.head(pattern.text);
	const named =
		pattern.matches === null
			? store.named(pattern.text)
			: [...store.heads()].filter(({ name }) => matches(pattern, name));
	const open = byId === undefined ? named : [byId, ...named];
	const ids = new Set<string>();
	for (let entity = open.pop(); entity !== undefined; entity = open.pop()) {
		if (ids.has(entity.id)) continue;
		ids.add(entity.id);
		open.push(...store.childrenOf(entity.id));
	}
	return ids;
}

function hasName(
	property: AppliedProperty,
	pattern: Pattern,
	{ state: { store } }: Search,
): boolean {
	const entity = store.head(property.id);
	if (property.id === pattern.text || matches(pattern, property.name)) return true;
	return matches(pattern, entity?.name ?? null);
}

/** Properties of the entity that the pattern names. */
function propertiesNamed(entity: Entity, pattern: Pattern, search: Search): AppliedProperty[] {
	return entity.properties.filter((property) => hasName(property, pattern, search));
}

function items({ value }: Pick<AppliedProperty, 'value'>): string[] {
	if (value === null) return [];
	return typeof value === 'string' ? [value] : value.filter((item) => item !== null);
}

function references(property: AppliedProperty, { state: { store } }: Search): string[] {
	const datatype = effectiveDatatype(property, (id) => store.head(id));
	if (datatype === null || !isReference(datatype)) return [];
	return items(property).map(referencedId);
}

type Test = (entity: Entity) => boolean;

/** Compiled once for a query: what a pattern names is looked up before the entities are walked. */
function compile(filter: Filter, search: Search): Test {
	switch (filter.kind) {
		case 'and': {
			const tests = filter.terms.map((term) => compile(term, search));
			return (entity) => tests.every((test) => test(entity));
		}
		case 'or': {
			const tests = filter.terms.map((term) => compile(term, search));
			return (entity) => tests.some((test) => test(entity));
		}
		case 'not': {
			const test = compile(filter.term, search);
			return (entity) => !test(entity);
		}
		case 'compare':
			return compileComparison(filter, search);
		case 'references':
			return compileReferences(filter, search);
		case 'referenced':
			return compileReferenced(filter, search);
		case 'stored':
			return compileStored(filter.path);
		case 'transaction':
			return compileTransaction(filter, search);
		default:
			return filter satisfies never;
	}
}

function compileComparison(filter: Filter & { kind: 'compare' }, search: Search): Test {
	const { property, operator, value } = filter;
	const compare = (text: string | null, asNumber: boolean): boolean =>
		operator !== null && value !== null && compareValue(text, { operator, value, asNumber });
	const key = property.text.toLowerCase();
	if (key === 'id') return ({ id }) => compare(id, /^\d+$/.test(id));
	if (key === 'name')
		return ({ name }) => (operator === null ? name !== null : compare(name, false));
	if (key === 'description') {
		return ({ description }) =>
			operator === null ? description !== null : compare(description, false);
	}
	const types = value === null ? new Set<string>() : withChildren(value, search);
	return (entity) =>
		propertiesNamed(entity, property, search).some((found) => {
			if (operator === null) return true;
			const referenced = references(found, search);
			if (referenced.length > 0) {
				const isHit = referenced.some((id) => types.has(id));
				return operator === '!=' ? !isHit : operator === '=' && isHit;
			}
			return items(found).some((item) => compare(item, true));
		});
}

function compileReferences(filter: Filter & { kind: 'references' }, search: Search): Test {
	const { property, target } = filter;
	const targets = target === null ? null : withChildren(target, search);
	return (entity) => {
		const asked = property === null ? entity.properties : propertiesNamed(entity, property, search);
		const found = asked.flatMap((one) => references(one, search));
		return targets === null ? found.length > 0 : found.some((id) => targets.has(id));
	};
}

function compileReferenced(filter: Filter & { kind: 'referenced' }, search: Search): Test {
	const { by, property } = filter;
	const { store } = search.state;
	const sources = by === null ? null : withChildren(by, search);
	return ({ id }) =>
		store.usersOf(id).some((user) => {
			if (sources !== null && !sources.has(user.id)) return false;
			const asked = property === null ? user.properties : propertiesNamed(user, property, search);
			return asked.some((one) => references(one, search).includes(id));
		});
}

/** `*` within a folder, `**` over folders too; a backslash takes the meaning of what follows. */
function compileStored(path: string): Test {
	const source = path.replace(
		/\\(.)|(\*\*)|(\*)|([.+?^${}()|[\]])/gs,
		(found, escaped, deep, flat) => {
			if (typeof escaped === 'string') return escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
			if (typeof deep === 'string') return '.*';
			return typeof flat === 'string' ? '[^/]*' : `\\${found}`;
		},
	);
	const isFolder = path.endsWith('/');
	const pattern = new RegExp(`^/?${source.replace(/^\//, '')}${isFolder ? '.*' : ''}$`);
	return ({ file }) => file !== null && pattern.test(file.path);
}

function isAtTime(
	at: number,
	{ relation, date }: TimeFilter,
	{ state: { settings } }: Search,
): boolean {
	const text = localTime(at, settings.utcOffset);
	const wanted = date.replace(' ', 'T');
	const start = text.slice(0, wanted.length);
	if (relation === 'ON') return start === wanted;
	if (relation === 'BEFORE') return start < wanted;
	if (relation === 'UNTIL') return start <= wanted;
	return relation === 'SINCE' ? start >= wanted : start > wanted;
}

function compileTransaction(filter: Filter & { kind: 'transaction' }, search: Search): Test {
	const { action, by, time } = filter;
	const { username } = search.actor;
	return ({ id }) => {
		const history = search.state.store.history(id);
		const marks = (action === 'INSERTED' ? history.slice(0, 1) : history.slice(1)).map(
			({ version }) => version,
		);
		return marks.some((mark) => {
			if (by === '' && mark.username !== username) return false;
			if (by === '!' && mark.username === username) return false;
			if (by !== null && by !== '' && by !== '!' && mark.username !== by) return false;
			return time === null || isAtTime(mark.at, time, search);
		});
	};
}

/** The entities a query finds, in the order of their insertion; the server's own are never found. */
export function runQuery(query: Query, state: ServerState, actor: Actor): Entity[] {
	const search: Search = { state, actor };
	const role = query.role ?? state.settings.findDefaultRole;
	const ids = query.target === null ? null : withChildren(query.target, search);
	const test = query.filter === null ? () => true : compile(query.filter, search);
	const isFound = (entity: Entity): boolean =>
		!isSystemId(entity.id) &&
		(role === 'ENTITY' || entity.role.toUpperCase() === role) &&
		(ids === null || ids.has(entity.id)) &&
		test(entity);
	const found: Entity[] = [];
	for (const head of state.store.heads()) {
		const versions = query.anyVersion ? state.store.history(head.id) : [head];
		for (const version of versions) if (isFound(version)) found.push(version);
	}
	return found;
}
