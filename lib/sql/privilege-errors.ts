import { EngineError } from '../core/index.ts';
import { quoteIdentifier } from './identifiers.ts';
import { type ServerInfo, atLeast } from './server-info.ts';

/** `user@host` as a GRANT wants it. The user may hold an @, the host cannot. */
export function grantee(account: string): string {
	const at = account.lastIndexOf('@');
	const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
	return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
}

/** The error for a missing privilege, with the statement that mends it. */
export function privilegeMissing(
	what: string,
	privilege: string,
	on: string,
	server: ServerInfo,
): EngineError {
	const grant = `GRANT ${privilege} ON ${on} TO ${grantee(server.account)};`;
	return new EngineError('sql_privilege_missing', what, {
		remedy: `An administrator of the database server runs: ${grant}`,
		details: { account: server.account, privilege, on, grant },
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
