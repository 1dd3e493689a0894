/** Modes that MariaDB has and today's MySQL does not know; MySQL refuses a SET that names one. */
const NOT_IN_MYSQL = new Set([
	...['NO_AUTO_CREATE_USER', 'NO_FIELD_OPTIONS', 'NO_KEY_OPTIONS', 'NO_TABLE_OPTIONS'],
	...['IGNORE_BAD_TABLE_OPTIONS', 'EMPTY_STRING_IS_NULL', 'SIMULTANEOUS_ASSIGNMENT'],
	...['TIME_ROUND_FRACTIONAL', 'ORACLE', 'MSSQL', 'DB2', 'POSTGRESQL', 'MAXDB'],
	...['MYSQL323', 'MYSQL40'],
]);

/**
 * A routine's sql_mode in a form that both servers accept: what both know, and all of it for MariaDB, or
 * `undefined` when that is the same.
 */
export function portableSqlMode(sqlMode: string): {
	readonly common: string;
	readonly mariadb: string | undefined;
} {
	const modes = sqlMode.split(',');
	const common = modes.filter((mode) => !NOT_IN_MYSQL.has(mode));
	return {
		common: common.join(','),
		mariadb: common.length === modes.length ? undefined : sqlMode,
	};
}
