import { NO_PROGRESS } from '../../lib/core/index.ts';
import {
	type AppliedProperty,
	type Entity,
	type Value,
	exportEntities,
	isReferenceType,
} from '../../lib/entity/index.ts';
import type { Emulator } from '../emulator/index.ts';
import { WHOLE } from './export-to.ts';
import { clientOf } from './import-world.ts';

/** All entities of a server as our export gives them. */
export async function exported(emulator: Emulator, ids: 'keep' | 'temporary'): Promise<Entity[]> {
	const context = { signal: new AbortController().signal, progress: NO_PROGRESS };
	const found: Entity[] = [];
	const { entities } = exportEntities(clientOf(emulator), { ...WHOLE, ids }, context);
	for await (const entity of entities) found.push(entity);
	return found;
}

/** An id as another server has it. */
export type MapId = (id: string) => string;

function plainValue(value: Value, datatype: string | null, mapId: MapId): Value {
	if (value === null || value === '' || !isReferenceType(datatype)) return value;
	if (typeof value === 'string') return mapId(value);
	return value.map((item) => (item === null || item === '' ? item : mapId(item)));
}

function plainProperty(property: AppliedProperty, mapId: MapId): unknown {
	const { id, value, datatype, properties, ...rest } = property;
	const { name, description, unit, importance } = rest;
	return {
		...{ id: mapId(id ?? ''), name, description, unit, importance, datatype },
		value: plainValue(value, datatype, mapId),
		properties: properties.map((inner) => plainProperty(inner, mapId)),
	};
}

/** Everything that an entity says, with the ids of another server. */
function plain(entity: Entity, mapId: MapId): unknown {
	const { role, id, name, description, datatype, unit, path, checksum, size, query } = entity;
	return {
		...{
			role,
			id: mapId(id ?? ''),
			name,
			description,
			datatype,
			unit,
			path,
			checksum,
			size,
			query,
		},
		value: plainValue(entity.value, datatype, mapId),
		parents: entity.parents.map((parent) => [mapId(parent.id ?? ''), parent.name]),
		properties: entity.properties.map((property) => plainProperty(property, mapId)),
	};
}

/** Entities with the ids of another server, in the order of these ids. */
export function byId(entities: readonly Entity[], mapId: MapId): unknown[] {
	const sorted = entities.map((entity) => [mapId(entity.id ?? ''), plain(entity, mapId)] as const);
	return sorted.sort(([a], [b]) => a.localeCompare(b)).map(([, entity]) => entity);
}
