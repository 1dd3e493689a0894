import type { Entity } from './model.ts';

/** The properties that the server itself has; their ids are below 100. */
export function systemEntities(): Entity[] {
	const names = [
		['20', 'name', 'Name of an entity'],
		['21', 'unit', 'Unit of an entity.'],
		['24', 'description', 'Description of an entity.'],
	] as const;
	return names.map(([id, name, description]) => ({
		...{ id, role: 'Property', name, description, datatype: { base: 'TEXT', isList: false } },
		...{ unit: null, value: null, parents: [], properties: [], file: null, query: null, acl: [] },
		version: { id: id.padStart(40, '0'), at: 0, username: 'admin', realm: 'CaosDB' },
	}));
}
