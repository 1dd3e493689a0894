import { ENTITY_PERMISSIONS, aclElement } from './acl.ts';
import type { Role } from './model.ts';
import { isSystemId } from './ids.ts';
import { type Reply, type Request, documentReply, responseRoot } from './reply.ts';
import type { ServerState } from './server-state.ts';
import { offsetText } from './versions.ts';
import { element } from './xml-node.ts';

/** `/Info`: counts by role, bytes of all files, the time zone. */
export function infoRoute({ store, settings }: ServerState, { actor }: Request): Reply {
	const counts: Record<Role, number> = {
		...{ RecordType: 0, Record: 0, Property: 0, File: 0, QueryTemplate: 0 },
	};
	let fssize = 0;
	for (const { id, role, file } of store.heads()) {
		if (!isSystemId(id)) counts[role]++;
		fssize += file?.size ?? 0;
	}
	const stats = element('counts', {
		...{ records: counts.Record, properties: counts.Property, files: counts.File },
		...{ recordTypes: counts.RecordType, fssize, debug: 'false' },
	});
	const { utcOffset } = settings;
	const offset = offsetText(utcOffset);
	const zone =
		utcOffset === 0
			? element('TimeZone', { id: 'UTC', offset }, ['Coordinated Universal Time'])
			: element('TimeZone', { id: `GMT${offset}`, offset }, [`UTC${offset}`]);
	return documentReply(responseRoot(actor, [element('stats', {}, [stats]), zone]));
}

/** `/EntityPermissions`: the known permissions and the rules for all entities. */
export function entityPermissionsRoute({ globalAcl }: ServerState, { actor }: Request): Reply {
	const known = ENTITY_PERMISSIONS.map(([name, description]) =>
		element('Permission', { name, description }),
	);
	const all = element('EntityPermissions', {}, [...known, aclElement(globalAcl)]);
	return documentReply(responseRoot(actor, [all]));
}
