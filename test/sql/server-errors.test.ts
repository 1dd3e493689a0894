import { describe, expect, test } from 'vitest';

import { sqlError } from '../../lib/sql/server-errors.ts';

const endpoint = { host: 'db.example', user: 'bu', password: 'pw-secret', connectTimeoutMs: 1 };
const scene = { endpoint, mayQuoteServer: true };

function serverError(errno: number, sqlMessage: string): Error {
	const properties = { errno, sqlState: 'HY000', sqlMessage, sql: 'INSERT secret row' };
	return Object.assign(new Error(sqlMessage), properties);
}

describe('an error of the server or the driver becomes one of ours', () => {
	test.each([
		[1045, 'sql_access_denied'],
		[1049, 'sql_database_missing'],
		[1142, 'sql_privilege_missing'],
		[1227, 'sql_privilege_missing'],
		[1418, 'sql_setting_required'],
		[1419, 'sql_setting_required'],
		[1153, 'sql_setting_required'],
		[1040, 'sql_unreachable'],
		[1927, 'sql_connection_lost'],
		[1064, 'sql_statement_failed'],
	])('number %i: %s', (errno, code) => {
		expect(sqlError(serverError(errno, 'words'), scene).code).toBe(code);
	});

	test.each([
		['ECONNREFUSED', 'sql_unreachable'],
		['ENOTFOUND', 'sql_unreachable'],
		['PROTOCOL_CONNECTION_LOST', 'sql_connection_lost'],
		['ECONNRESET', 'sql_connection_lost'],
		['HANDSHAKE_NO_SSL_SUPPORT', 'sql_tls_failed'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'sql_tls_failed'],
	])('code %s: %s', (code, expected) => {
		const error = sqlError(Object.assign(new Error(code), { code }), scene);
		expect(error.code).toBe(expected);
		expect(`${error.message} ${error.remedy ?? ''}`).not.toContain(code);
	});

	test('the missing GRANT can be copied', () => {
		const words = "Access denied for user 'bu'@'%' to database 'la'";
		expect(sqlError(serverError(1044, words), scene).remedy).toContain(
			"GRANT ALL PRIVILEGES ON `la`.* TO 'bu'@'%';",
		);
	});

	test('whose right is missing is told, when it is not who is connected', () => {
		const words = "execute command denied to user 'owner'@'%' for routine 'la.f'";
		expect(sqlError(serverError(1370, words), scene).message).toContain('The account owner lacks');
	});

	test('nothing of the data and no password comes out', () => {
		const error = sqlError(serverError(1062, "Duplicate entry 'row' for key"), {
			endpoint,
			mayQuoteServer: false,
		});
		const all = JSON.stringify([error.message, error.remedy, error.details, error.cause]);
		expect(all).not.toMatch(/row|secret/);
		expect(error.details).toMatchObject({ errno: 1062 });
	});
});
