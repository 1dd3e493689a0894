import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Accounts, User } from './accounts.ts';
import type { Actor } from './acl.ts';

/** A token that opens the server without a password, as the server's `authtoken.yaml` makes them. */
export interface OneTimeToken {
	readonly user: User;
	/** Milliseconds. */
	readonly lifetime: number;
	/** How often it may be used. */
	readonly maxReplays: number;
}

export function actorOf({ name, realm, roles }: User): Actor {
	return { username: name, realm, roles: [...roles, name] };
}

/**
 * Session tokens: JSON arrays that the server signs, with kind, realm, user, roles, permissions, time,
 * lifetime, salt and signature. A restart makes all of them invalid; a logout does not.
 */
export class Sessions {
	readonly #secret = randomBytes(32);
	readonly #replays = new Map<string, number>();
	readonly #accounts: Accounts;
	readonly #timeout: number;

	constructor(accounts: Accounts, timeout: number) {
		this.#accounts = accounts;
		this.#timeout = timeout;
	}

	/** The user if name, password and status are right. `realm/name` and `name@realm` are understood. */
	login(username: string, password: string): User | undefined {
		const [, name = username, realm = null] = /^(.+)@([^@]+)$/.exec(username) ?? [];
		const user = this.#accounts.user(username, null) ?? this.#accounts.user(name, realm);
		return user?.password === password && user.status === 'ACTIVE' ? user : undefined;
	}

	/** A fresh session token. */
	token({ realm, name }: Pick<User, 'realm' | 'name'>): string {
		return this.#sign(['S', realm, name, [], [], Date.now(), this.#timeout, salt()]);
	}

	oneTimeToken({ user, lifetime, maxReplays }: OneTimeToken): string {
		const { realm, name } = user;
		return this.#sign(['O', realm, name, [], [], Date.now(), lifetime, salt(), maxReplays]);
	}

	/** Who holds the token; undefined when it is wrong, expired or used up. */
	actor(token: string): Actor | undefined {
		const fields = this.#verify(token);
		if (fields === undefined) return undefined;
		const [kind, realm, name, , , time, lifetime, , maxReplays] = fields;
		if (Number(time) + Number(lifetime) < Date.now()) return undefined;
		if (kind === 'O' && !this.#useOnce(token, Number(maxReplays))) return undefined;
		const user = this.#accounts.user(String(name), String(realm));
		return user?.status === 'ACTIVE' ? actorOf(user) : undefined;
	}

	#useOnce(token: string, maxReplays: number): boolean {
		const used = (this.#replays.get(token) ?? 0) + 1;
		this.#replays.set(token, used);
		return used <= maxReplays;
	}

	#sign(fields: readonly unknown[]): string {
		return JSON.stringify([...fields, this.#signature(fields)]);
	}

	#signature(fields: readonly unknown[]): string {
		return createHmac('sha256', this.#secret).update(JSON.stringify(fields)).digest('hex');
	}

	#verify(token: string): unknown[] | undefined {
		let fields: unknown;
		try {
			fields = JSON.parse(token);
		} catch {
			return undefined;
		}
		if (!Array.isArray(fields) || fields.length < 9) return undefined;
		const given = Buffer.from(String(fields.at(-1)));
		const wanted = Buffer.from(this.#signature(fields.slice(0, -1)));
		return given.length === wanted.length && timingSafeEqual(given, wanted) ? fields : undefined;
	}
}

function salt(): string {
	return randomBytes(12).toString('hex');
}

/** The decoded token of a Cookie header, '' for an empty one, null when there is none. */
export function cookieToken(header: string | undefined): string | null {
	const found = /(?:^|;\s*)SessionToken=([^;]*)/.exec(header ?? '');
	if (found === null) return null;
	try {
		return decodeURIComponent(found[1] ?? '');
	} catch {
		return '';
	}
}

/** The official client reads it only when the name comes first and a semicolon follows. */
export function setCookie(token: string): string {
	return `SessionToken=${encodeURIComponent(token)}; Path=/`;
}
