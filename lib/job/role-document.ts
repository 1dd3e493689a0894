import { type CaosDbClient, type XmlElement, readRole, xmlElement } from '../entity/index.ts';

/** The rules of these roles as one document: `RoleRules` with a `PermissionRules` per role. */
export async function roleDocument(
	client: CaosDbClient,
	names: readonly string[],
): Promise<Uint8Array> {
	const children: XmlElement[] = [];
	for (const name of names) {
		const { role, rules } = await readRole(client, name);
		const inner = role === null ? rules : [role, ...rules];
		children.push({ name: 'PermissionRules', attributes: { role: name }, children: inner });
	}
	const lines = children.map((child) => `  ${xmlElement(child)}\n`).join('');
	return Buffer.from(`<RoleRules>\n${lines}</RoleRules>\n`, 'utf8');
}
