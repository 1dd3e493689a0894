import type { XmlElement } from '../xml-element.ts';
import type { CaosDbClient } from './client.ts';
import { otherNamed } from './read-answer.ts';
import { encodeSegment } from './url-path.ts';

/** A role and its permission rules as the server tells them. */
export interface RoleRules {
	readonly name: string;
	readonly role: XmlElement | null;
	/** `Grant` and `Deny` elements. */
	readonly rules: readonly XmlElement[];
}

/** One role by its name: the interface has no call that lists them. */
export async function readRole(client: CaosDbClient, name: string): Promise<RoleRules> {
	const segment = encodeSegment(name);
	const role = await client.administrative(`Role/${segment}`, `the request for the role '${name}'`);
	const rules = await client.administrative(
		`PermissionRules/${segment}`,
		`the request for the rules of the role '${name}'`,
	);
	return {
		name,
		role: otherNamed(role, 'Role') ?? null,
		rules: rules.others.filter((other) => other.name === 'Grant' || other.name === 'Deny'),
	};
}
