import { EngineError } from '../core/index.ts';
import { type XmlElement, childElements } from './xml-element.ts';

/** One rule of an access control list: for a role, or for a user with or without a realm. */
export interface AclRule {
	readonly kind: 'Grant' | 'Deny';
	readonly isPriority: boolean;
	readonly role: string | null;
	readonly username: string | null;
	readonly realm: string | null;
	readonly permissions: readonly string[];
}

function ruleOf({ name, attributes }: XmlElement, permissions: readonly string[]): AclRule {
	return {
		kind: name === 'Grant' ? 'Grant' : 'Deny',
		isPriority: /^(true|1|y|yes)$/i.test(attributes['priority'] ?? ''),
		role: attributes['role'] ?? null,
		username: attributes['username'] ?? null,
		realm: attributes['realm'] ?? null,
		permissions,
	};
}

/** The rules of an `EntityACL` in their order. Throws `xml_invalid` for anything else inside. */
export function readAcl(acl: XmlElement): AclRule[] {
	return childElements(acl).map((rule) => {
		if (rule.name !== 'Grant' && rule.name !== 'Deny') {
			throw new EngineError('xml_invalid', 'A list of permissions has something else than rules', {
				remedy: 'Report how the server wrote it.',
				details: { element: rule.name },
			});
		}
		const permissions = childElements(rule, 'Permission');
		return ruleOf(
			rule,
			permissions.map(({ attributes }) => attributes['name'] ?? ''),
		);
	});
}

function ruleElement({
	kind,
	isPriority,
	role,
	username,
	realm,
	permissions,
}: AclRule): XmlElement {
	const attributes = {
		priority: isPriority ? 'True' : 'False',
		...(role === null ? {} : { role }),
		...(username === null ? {} : { username }),
		...(realm === null ? {} : { realm }),
	};
	const children = permissions.map((name) => ({
		...{ name: 'Permission', attributes: { name }, children: [] },
	}));
	return { name: kind, attributes, children };
}

/** Rules as an `EntityACL`. */
export function aclElement(rules: readonly AclRule[]): XmlElement {
	return { name: 'EntityACL', attributes: {}, children: rules.map(ruleElement) };
}
