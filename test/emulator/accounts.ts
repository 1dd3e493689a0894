import type { Actor } from './acl.ts';
import { covers } from './acl.ts';

/** The server's internal realm. */
export const INTERNAL_REALM = 'CaosDB';

export interface User {
	readonly realm: string;
	readonly name: string;
	readonly password: string;
	readonly status: 'ACTIVE' | 'INACTIVE';
	readonly email: string | null;
	readonly entity: string | null;
	readonly roles: readonly string[];
}

/** What a role may do outside of entities, e.g. `TRANSACTION:INSERT` or `ACM:*`. */
export interface PermissionRule {
	readonly kind: 'Grant' | 'Deny';
	readonly isPriority: boolean;
	readonly permission: string;
}

export interface UserRole {
	readonly name: string;
	readonly description: string;
	readonly rules: readonly PermissionRule[];
}

export const ADMINISTRATION = 'administration';
export const ANONYMOUS: Actor = { username: 'anonymous', realm: 'anonymous', roles: ['anonymous'] };

/** Whether the password has 8 characters with upper case, lower case, digit and special character. */
export function isStrong(password: string): boolean {
	return /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[\W_]).{8,}$/s.test(password);
}

/** Users and roles. */
export class Accounts {
	readonly #users = new Map<string, User>();
	readonly #roles = new Map<string, UserRole>();

	constructor(users: readonly User[], roles: readonly UserRole[]) {
		this.replace(users, roles);
	}

	/** Forgets all others. */
	replace(users: readonly User[], roles: readonly UserRole[]): void {
		this.#users.clear();
		this.#roles.clear();
		for (const user of users) this.putUser(user);
		for (const role of roles) this.putRole(role);
	}

	get users(): User[] {
		return [...this.#users.values()];
	}

	get roles(): UserRole[] {
		return [...this.#roles.values()];
	}

	/** Without a realm: in the internal one, else in whichever has the name. */
	user(name: string, realm: string | null): User | undefined {
		if (realm !== null) return this.#users.get(`${realm}/${name}`);
		const internal = this.#users.get(`${INTERNAL_REALM}/${name}`);
		return internal ?? this.users.find((user) => user.name === name);
	}

	putUser(user: User): void {
		this.#users.set(`${user.realm}/${user.name}`, user);
	}

	removeUser({ realm, name }: User): void {
		this.#users.delete(`${realm}/${name}`);
	}

	role(name: string): UserRole | undefined {
		return this.#roles.get(name);
	}

	putRole(role: UserRole): void {
		this.#roles.set(role.name, role);
	}

	/** Takes the role from all users, too. */
	removeRole(name: string): void {
		this.#roles.delete(name);
		for (const user of this.users) {
			if (user.roles.includes(name)) {
				this.putUser({ ...user, roles: user.roles.filter((role) => role !== name) });
			}
		}
	}

	/** What the roles of the actor allow together. */
	may({ roles }: Actor, permission: string): boolean {
		const rules = roles.flatMap((name) => this.#roles.get(name)?.rules ?? []);
		const decides = (kind: PermissionRule['kind'], isPriority: boolean): boolean =>
			rules.some(
				(rule) =>
					rule.kind === kind &&
					rule.isPriority === isPriority &&
					covers(rule.permission, permission),
			);
		if (decides('Deny', true)) return false;
		if (decides('Grant', true)) return true;
		return decides('Grant', false) && !decides('Deny', false);
	}
}

export const DEFAULT_ROLES: readonly UserRole[] = [
	{
		name: ADMINISTRATION,
		description: 'Users with this role have unrestricted permissions.',
		rules: [{ kind: 'Grant', isPriority: true, permission: '*' }],
	},
	{ name: 'anonymous', description: 'Users who are not logged in.', rules: [] },
];
