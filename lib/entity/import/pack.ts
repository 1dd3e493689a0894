import { hash } from 'node:crypto';

import { isReferenceType, splitReference } from '../datatypes.ts';
import { isTemporaryId } from '../entity-id.ts';
import {
	type AppliedProperty,
	type Entity,
	type Parent,
	ROLES,
	type Role,
	type Value,
	newParent,
} from '../model.ts';
import { NO_ATTRIBUTES } from '../xml-element.ts';

/*
 * An entity as it waits on disk for its turn: what an import sends and nothing else. Messages, flags, marks of
 * requests and permissions of the source are left behind here.
 */

type PackedProperty = readonly [
	id: string | null,
	name: string | null,
	description: string | null,
	datatype: string | null,
	unit: string | null,
	importance: string | null,
	value: Value,
	properties?: readonly PackedProperty[],
];

type PackedEntity = readonly [
	role: Role,
	id: string | null,
	version: string | null,
	texts: ReadonlyArray<string | null>,
	value: Value,
	parents: ReadonlyArray<readonly [string | null, string | null]>,
	properties: readonly PackedProperty[],
];

type MapId = (id: string) => string;

const SAME: MapId = (id) => id;

function mapReference(text: string, mapId: MapId): string {
	const { id, version } = splitReference(text);
	return version === null ? mapId(id) : `${mapId(id)}@${version}`;
}

function mapValue(value: Value, datatype: string | null, mapId: MapId): Value {
	if (value === null || mapId === SAME || !isReferenceType(datatype)) return value;
	if (typeof value === 'string') return mapReference(value, mapId);
	return value.map((item) => (item === null ? null : mapReference(item, mapId)));
}

function mapOr(id: string | null, mapId: MapId): string | null {
	return id === null ? null : mapId(id);
}

function packProperty(property: AppliedProperty, mapId: MapId): PackedProperty {
	const { id, name, description, datatype, unit, importance, value, properties } = property;
	const inner = mapValue(value, datatype, mapId);
	const own = mapOr(id, mapId);
	if (properties.length === 0) return [own, name, description, datatype, unit, importance, inner];
	const below = properties.map((one) => packProperty(one, mapId));
	return [own, name, description, datatype, unit, importance, inner, below];
}

function packed(entity: Entity, version: string | null, mapId: MapId): PackedEntity {
	const { role, id, name, description, datatype, unit, path, checksum, size, query } = entity;
	return [
		...([role, mapOr(id, mapId), version] as const),
		[name, description, datatype, unit, path, checksum, size, query],
		mapValue(entity.value, datatype, mapId),
		entity.parents.map((parent) => [mapOr(parent.id, mapId), parent.name] as const),
		entity.properties.map((property) => packProperty(property, mapId)),
	];
}

export function packEntity(entity: Entity): string {
	return JSON.stringify(packed(entity, entity.version?.id ?? null, SAME));
}

/** From here on, exports number the entities of servers whose ids are texts, anew each time. */
const FIRST_PASSING_ID = 1_000_000_000;

/**
 * An id without the sign that makes it temporary: the same entity in both kinds of export. null for a temporary id
 * that says nothing about the source's own.
 */
export function sourceKey(id: string): string | null {
	if (!isTemporaryId(id)) return id;
	const number = Number(id.slice(1));
	if (number > FIRST_PASSING_ID) return null;
	return number < FIRST_OWN_ID ? id : id.slice(1);
}

const FIRST_OWN_ID = 100;

/** Tells whether the content of an entity changed at its source, whatever kind of ids its file has. */
export function contentHash(entity: Entity): string {
	const text = JSON.stringify(packed({ ...entity, size: null }, null, (id) => sourceKey(id) ?? id));
	return hash('sha256', text, 'hex').slice(0, 32);
}

const NONE: readonly never[] = Object.freeze([]);

/** Written out: spreads cost more than all the rest, for ten properties of each of a million entities. */
function unpackProperty(packedProperty: PackedProperty): AppliedProperty {
	const properties = packedProperty[7];
	return {
		id: packedProperty[0],
		name: packedProperty[1],
		description: packedProperty[2],
		datatype: packedProperty[3],
		unit: packedProperty[4],
		importance: packedProperty[5],
		flag: null,
		value: packedProperty[6],
		properties: properties === undefined ? NONE : properties.map(unpackProperty),
		messages: NONE,
		attributes: NO_ATTRIBUTES,
		children: NONE,
	};
}

function unpackParent([id, name]: readonly [string | null, string | null]): Parent {
	return newParent({ id, name });
}

/** Reads what `packEntity` wrote. */
export function unpackEntity(text: string): Entity {
	const [role, id, version, texts, value, parents, properties] = JSON.parse(text) as PackedEntity;
	const [name, description, datatype, unit, path, checksum, size, query] = texts;
	return {
		role,
		id,
		cuid: null,
		name: name ?? null,
		description: description ?? null,
		datatype: datatype ?? null,
		unit: unit ?? null,
		path: path ?? null,
		checksum: checksum ?? null,
		size: size ?? null,
		flag: null,
		value,
		query: query ?? null,
		parents: parents.map(unpackParent),
		properties: properties.map(unpackProperty),
		version: version === null ? null : versionOf(version),
		acl: null,
		state: null,
		messages: NONE,
		attributes: NO_ATTRIBUTES,
		children: NONE,
	};
}

function versionOf(id: string): NonNullable<Entity['version']> {
	return {
		...{ id, date: null, username: null, realm: null, head: null, completeHistory: null },
		...{ predecessors: [], successors: [] },
	};
}

/** The number of a role, for columns of numbers. */
export function roleNumber(role: Role): number {
	return ROLES.indexOf(role);
}

export function isRole(value: unknown): value is Role {
	return ROLES.some((role) => role === value);
}
