import { describe, expect, it } from 'vitest';

import { aclElement, covers, isPermitted, readAcl } from './acl.ts';
import type { AclRule } from './model.ts';
import { parseXml } from './xml-reader.ts';
import { writeXml } from './xml-writer.ts';

const ANNA = { username: 'anna', realm: 'CaosDB', roles: ['lab', 'anna'] };

function rule(kind: AclRule['kind'], isPriority: boolean, who: Partial<AclRule>): AclRule {
	return {
		kind,
		isPriority,
		role: null,
		username: null,
		realm: null,
		permission: 'DELETE',
		...who,
	};
}

function permitted(rules: AclRule[], isOwner = false): boolean {
	return isPermitted(rules, 'DELETE', { actor: ANNA, isOwner });
}

describe('access rules', () => {
	const lab = { role: 'lab' };
	const [grant, deny] = [rule('Grant', false, lab), rule('Deny', false, lab)];
	const [priorityGrant, priorityDeny] = [rule('Grant', true, lab), rule('Deny', true, lab)];

	it('are weighed: ((grants − denials) ∪ priority grants) − priority denials', () => {
		expect(permitted([])).toBe(false);
		expect(permitted([grant])).toBe(true);
		expect(permitted([grant, deny])).toBe(false);
		expect(permitted([grant, deny, priorityGrant])).toBe(true);
		expect(permitted([grant, priorityGrant, priorityDeny])).toBe(false);
	});

	it('concern roles, users, owners and everybody', () => {
		expect(permitted([rule('Grant', false, { role: 'other' })])).toBe(false);
		expect(permitted([rule('Grant', false, { role: '?OTHER?' })])).toBe(true);
		expect(permitted([rule('Grant', false, { role: '?OWNER?' })])).toBe(false);
		expect(permitted([rule('Grant', false, { role: '?OWNER?' })], true)).toBe(true);
		expect(permitted([rule('Grant', false, { username: 'anna' })])).toBe(true);
		expect(permitted([rule('Grant', false, { username: 'anna', realm: 'PAM' })])).toBe(false);
	});

	it('cover permissions by their beginning', () => {
		expect(covers('*', 'DELETE')).toBe(true);
		expect(covers('UPDATE:*', 'UPDATE:PARENT:ADD')).toBe(true);
		expect(covers('UPDATE', 'UPDATE:NAME')).toBe(false);
	});

	it('are read from what is written, several permissions in one rule too', () => {
		const rules = [grant, priorityDeny, rule('Deny', true, { username: 'bob', realm: 'PAM' })];
		expect(readAcl(parseXml(writeXml(aclElement(rules))))).toEqual(rules);
		const two =
			'<EntityACL><Grant priority="yes" role="lab"><Permission name="A"/><Permission name="B"/></Grant></EntityACL>';
		expect(
			readAcl(parseXml(two)).map(({ permission, isPriority }) => [permission, isPriority]),
		).toEqual([
			['A', true],
			['B', true],
		]);
	});
});
