/** Whether it is a client's own id, valid inside one request or document only. */
export function isTemporaryId(id: string): boolean {
	return id.startsWith('-') && /^-\d+$/.test(id);
}

/** Whether it is one of the server's own entities (below 100), which every server has. */
export function isSystemId(id: string): boolean {
	return /^\d{1,2}$/.test(id);
}

/** What a person knows an entity by: role, name and id. */
export function entityLabel(entity: {
	readonly role: string;
	readonly id: string | null;
	readonly name: string | null;
}): string {
	const name = entity.name === null ? '' : ` '${entity.name}'`;
	const id = entity.id === null ? '' : ` (id ${entity.id})`;
	return `${entity.role}${name}${id}`;
}
