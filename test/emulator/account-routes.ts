import { INTERNAL_REALM, type PermissionRule, type User, isStrong } from './accounts.ts';
import { HttpError, type Reply, type Request, documentReply, responseRoot } from './reply.ts';
import type { ServerState } from './server-state.ts';
import { type XmlElement, attribute, childElements, element } from './xml-node.ts';
import { XmlSyntaxError, parseXml } from './xml-reader.ts';

type Form = URLSearchParams;

function form({ body }: Request): Form {
	return new URLSearchParams(body.toString('utf8'));
}

function xmlBody({ body }: Request): XmlElement {
	try {
		return parseXml(body.toString('utf8'));
	} catch (error) {
		throw error instanceof XmlSyntaxError ? new HttpError(400, error.message) : error;
	}
}

/** Throws 403 when the roles of the user do not allow it. */
function demand({ accounts }: ServerState, { actor }: Request, permission: string): void {
	if (!accounts.may(actor, permission)) throw new HttpError(403, 'You are not allowed to do this.');
}

function answer({ actor }: Request, ...children: XmlElement[]): Reply {
	return documentReply(responseRoot(actor, children));
}

/** `[realm, name]` or `[name]` behind the resource. */
function userAt(state: ServerState, [first, second]: readonly string[]): User {
	const user =
		second === undefined
			? state.accounts.user(first ?? '', null)
			: state.accounts.user(second, first ?? '');
	if (user === undefined) throw new HttpError(404, 'User does not exist.');
	return user;
}

function userElement({ name, realm, status, email, entity }: User): XmlElement {
	return element('User', { name, realm, status, email, entity });
}

function changedUser(user: User, fields: Form): User {
	const password = fields.get('password') ?? user.password;
	if (!isStrong(password)) {
		const rule = 'at least 8 characters with upper case, lower case, digit and special character';
		throw new HttpError(422, `The password does not comply with the rules: ${rule}.`);
	}
	const status = fields.get('status')?.toUpperCase() ?? user.status;
	if (status !== 'ACTIVE' && status !== 'INACTIVE') throw new HttpError(400, 'Unknown status.');
	const email = fields.get('email') ?? user.email;
	return { ...user, password, status, email, entity: fields.get('entity') ?? user.entity };
}

/** `/User`, `/User/{name}`, `/User/{realm}/{name}` */
export function userRoute(state: ServerState, request: Request): Reply {
	const { accounts } = state;
	const at = request.segments.slice(1);
	if (request.method === 'POST' && at.length === 0) {
		demand(state, request, `ACM:USER:INSERT:${INTERNAL_REALM}`);
		const fields = form(request);
		const name = fields.get('username') ?? '';
		if (name === '') throw new HttpError(400, 'A user needs a name.');
		if (accounts.user(name, INTERNAL_REALM) !== undefined) {
			throw new HttpError(409, 'User name is already in use.');
		}
		const fresh: User = {
			...{ realm: INTERNAL_REALM, name, password: '', status: 'INACTIVE', email: null },
			...{ entity: null, roles: [] },
		};
		const user = changedUser(fresh, fields);
		accounts.putUser(user);
		return answer(request, userElement(user));
	}
	const user = userAt(state, at);
	const isOwn = user.name === request.actor.username && user.realm === request.actor.realm;
	const key = `${user.realm}:${user.name}`;
	if (request.method === 'GET') {
		if (!isOwn) demand(state, request, `ACM:USER:RETRIEVE:INFO:${key}`);
		return answer(request, userElement(user));
	}
	if (request.method === 'PUT') {
		if (!isOwn) demand(state, request, `ACM:USER:UPDATE:${key}`);
		const changed = changedUser(user, form(request));
		accounts.putUser(changed);
		return answer(request, userElement(changed));
	}
	if (request.method !== 'DELETE') throw new HttpError(405, 'Method not allowed.');
	demand(state, request, `ACM:USER:DELETE:${key}`);
	accounts.removeUser(user);
	return answer(request, userElement(user));
}

/** `/Role`, `/Role/{name}` */
export function roleRoute(state: ServerState, request: Request): Reply {
	const { accounts } = state;
	const [, name] = request.segments;
	const description = (): string => form(request).get('role_description') ?? '';
	const shown = (role: string): XmlElement =>
		element('Role', { name: role, description: accounts.role(role)?.description });
	if (request.method === 'POST' && name === undefined) {
		demand(state, request, 'ACM:ROLE:INSERT');
		const fresh = form(request).get('role_name') ?? '';
		if (fresh === '') throw new HttpError(400, 'A role needs a name.');
		if (accounts.role(fresh) !== undefined)
			throw new HttpError(409, 'Role name is already in use.');
		accounts.putRole({ name: fresh, description: description(), rules: [] });
		return answer(request, shown(fresh));
	}
	if (request.method === 'GET' && name === undefined) {
		demand(state, request, 'ACM:ROLE:RETRIEVE:DESCRIPTION');
		return answer(request, ...accounts.roles.map((role) => shown(role.name)));
	}
	const role = accounts.role(name ?? '');
	if (role === undefined) throw new HttpError(404, 'Role does not exist.');
	if (request.method === 'GET') {
		demand(state, request, `ACM:ROLE:RETRIEVE:DESCRIPTION:${role.name}`);
		return answer(request, shown(role.name));
	}
	if (request.method === 'PUT') {
		demand(state, request, `ACM:ROLE:UPDATE:DESCRIPTION:${role.name}`);
		accounts.putRole({ ...role, description: description() });
		return answer(request, shown(role.name));
	}
	if (request.method !== 'DELETE') throw new HttpError(405, 'Method not allowed.');
	demand(state, request, `ACM:ROLE:DELETE:${role.name}`);
	const gone = shown(role.name);
	accounts.removeRole(role.name);
	return answer(request, gone);
}

/** `/UserRoles/{name}`, `/UserRoles/{realm}/{name}`: the roles come first, the client reads only there. */
export function userRolesRoute(state: ServerState, request: Request): Reply {
	const user = userAt(state, request.segments.slice(1));
	const key = `${user.realm}:${user.name}`;
	let { roles } = user;
	if (request.method === 'PUT') {
		demand(state, request, `ACM:USER:UPDATE:ROLES:${key}`);
		roles = childElements(xmlBody(request), 'Role').flatMap(
			(role) => attribute(role, 'name') ?? [],
		);
		if (roles.some((role) => state.accounts.role(role) === undefined)) {
			throw new HttpError(409, 'Role does not exist.');
		}
		state.accounts.putUser({ ...user, roles });
	} else if (request.method === 'GET') demand(state, request, `ACM:USER:RETRIEVE:ROLES:${key}`);
	else throw new HttpError(405, 'Method not allowed.');
	const elements = roles.map((name) => element('Role', { name }));
	const first = [element('Roles', {}, elements)];
	return documentReply(responseRoot(request.actor, [], { first }));
}

function readRules(from: XmlElement): PermissionRule[] {
	return childElements(from).flatMap((rule) => {
		const kind = (['Grant', 'Deny'] as const).find((one) => one === capitalised(rule.name));
		if (kind === undefined) return [];
		const isPriority = /^(true|yes|1)$/i.test(attribute(rule, 'priority') ?? '');
		return [{ kind, isPriority, permission: attribute(rule, 'permission') ?? '' }];
	});
}

function capitalised(word: string): string {
	return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}

/** `/PermissionRules/{role}` */
export function permissionRulesRoute(state: ServerState, request: Request): Reply {
	const role = state.accounts.role(request.segments[1] ?? '');
	if (role === undefined) throw new HttpError(404, 'Role does not exist.');
	let { rules } = role;
	if (request.method === 'PUT') {
		demand(state, request, `ACM:ROLE:UPDATE:PERMISSIONS:${role.name}`);
		rules = readRules(xmlBody(request));
		state.accounts.putRole({ ...role, rules });
	} else if (request.method === 'GET') {
		demand(state, request, `ACM:ROLE:RETRIEVE:PERMISSIONS:${role.name}`);
	} else throw new HttpError(405, 'Method not allowed.');
	const elements = rules.map(({ kind, isPriority, permission }) =>
		element(kind, { permission, priority: String(isPriority) }),
	);
	return answer(request, ...elements);
}
