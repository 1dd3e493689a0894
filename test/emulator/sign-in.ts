import type { IncomingMessage } from 'node:http';

import { ANONYMOUS } from './accounts.ts';
import type { Actor } from './acl.ts';
import { type Reply, documentReply, errorReply, responseRoot } from './reply.ts';
import type { Settings } from './server-state.ts';
import { type Sessions, actorOf, cookieToken, setCookie } from './sessions.ts';

/** Who asks, and the renewed cookie for the answer. */
export interface SignIn {
	readonly actor: Actor;
	readonly cookie: string | null;
}

interface Parts {
	readonly sessions: Sessions;
	readonly settings: Settings;
}

function login({ sessions }: Parts, body: Buffer): Reply {
	const fields = new URLSearchParams(body.toString('utf8'));
	const user = sessions.login(fields.get('username') ?? '', fields.get('password') ?? '');
	if (user === undefined) return errorReply(401, 'The user name or the password is wrong.');
	const headers = { 'Set-Cookie': setCookie(sessions.token(user)) };
	return { ...documentReply(responseRoot(actorOf(user), [])), headers };
}

function logout(): Reply {
	const headers = { 'Set-Cookie': 'SessionToken=; Path=/' };
	return { ...documentReply(responseRoot(ANONYMOUS, [])), headers };
}

/** Answers login and logout itself; else says who asks, or answers 401. */
export function signIn(parts: Parts, incoming: IncomingMessage, body: Buffer): SignIn | Reply {
	const { method = 'GET', url = '/', headers } = incoming;
	const [path = ''] = url.split('?', 1);
	const resource = path.replace(/^\/+|\/+$/g, '');
	if (resource === 'login' && method === 'POST') return login(parts, body);
	if (resource === 'logout') return logout();
	const token = cookieToken(headers.cookie);
	if (token === null) {
		const isAllowed = parts.settings.allowAnonymous && method === 'GET';
		if (!isAllowed) return errorReply(401, 'Please log in.');
		return { actor: ANONYMOUS, cookie: null };
	}
	const actor = parts.sessions.actor(token);
	if (actor === undefined) return errorReply(401, 'The session has ended.');
	const { username, realm } = actor;
	const fresh = parts.sessions.token({ realm, name: username });
	return { actor, cookie: setCookie(fresh) };
}
