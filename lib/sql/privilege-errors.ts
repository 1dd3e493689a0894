import { EngineError } from '../core/index.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type ServerInfo, atLeast } from './server-info.ts';

/** `user@host` as a GRANT wants it. The user may hold an @, the host cannot. */
export function grantee(account: string): string {
	const at = account.lastIndexOf('@');
	const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
	return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
}

/** What an account cannot read or do, and what lets it. */
export interface MissingPrivilege {
	/** Sentence without its point, naming account and object. */
	readonly what: string;
	/** One privilege or several with commas. */
	readonly privilege: string;
	/** As a GRANT wants it, e.g. `` `caosdb`.* ``. */
	readonly on: string;
}

/** The statements that mend everything; none that another one covers. */
export function grantLines(
	missing: readonly MissingPrivilege[],
	server: ServerInfo,
): readonly string[] {
	const to = grantee(server.account);
	const isCovered = ({ privilege, on }: MissingPrivilege, by: MissingPrivilege) =>
		by.on === on &&
		by.privilege !== privilege &&
		privilege.split(', ').every((one) => by.privilege.split(', ').includes(one));
	const needed = missing.filter((one) => !missing.some((other) => isCovered(one, other)));
	return [...new Set(needed.map(({ privilege, on }) => `GRANT ${privilege} ON ${on} TO ${to};`))];
}

/** The error for missing privileges, at least one, with the statements that mend all of them. */
export function privilegesMissing(
	missing: readonly MissingPrivilege[],
	server: ServerInfo,
): EngineError {
	const grant = grantLines(missing, server).join(' ');
	const [first] = missing;
	return new EngineError('sql_privilege_missing', first?.what ?? 'A privilege is missing', {
		remedy: `An administrator of the database server runs: ${grant}`,
		details: {
			account: server.account,
			privilege: first?.privilege ?? '',
			on: first?.on ?? '',
			grant,
		},
	});
}

export function allOf(database: string): string {
	return `${quoteIdentifier(database)}.*`;
}

/** What lets an account read the bodies of all routines; the servers differ (measured on three). */
export function routineBodyPrivilege(
	server: ServerInfo,
	database: string,
): { readonly privilege: string; readonly on: string } {
	if (server.vendor === 'mysql') {
		return atLeast(server, 'mysql', 8)
			? { privilege: 'SHOW_ROUTINE', on: '*.*' }
			: { privilege: 'SELECT', on: '`mysql`.`proc`' };
	}
	return atLeast(server, 'mariadb', 11, 3)
		? { privilege: 'SHOW CREATE ROUTINE', on: allOf(database) }
		: { privilege: 'SELECT', on: '`mysql`.`proc`' };
}
