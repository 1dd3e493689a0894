import { EngineError, type EngineContext, type ErrorCode, throwIfAborted } from '../core/index.ts';
import { integer, optionalText } from './cells.ts';
import { SqlConnection } from './connection.ts';
import type { DumpDefiners } from './dump-content.ts';
import type { DumpCheck } from './dump-check.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { readGrants } from './grants.ts';
import { quoteText } from './identifiers.ts';
import { MARKER_TABLE } from './marker.ts';
import { readObjectNames } from './object-names.ts';
import { readOtherSessions } from './other-sessions.ts';
import { readDefaults } from './database-defaults.ts';
import { grantee } from './privilege-errors.ts';
import type { ExpectedContent } from './restore-report.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';
import { readStagingRights } from './staging-rights.ts';

/** Something that stands in the way of a restore, with the code of the error that it would end in. */
export interface Obstacle {
	readonly code: ErrorCode;
	readonly message: string;
	readonly remedy: string;
}

/** What can be told about a restore without changing anything. Plain data. */
export interface PreflightReport {
	readonly server: { readonly vendor: string; readonly version: string };
	readonly target: 'missing' | 'empty' | 'filled';
	/** How it would be restored. */
	readonly method: 'staged' | 'inPlace';
	/** Roughly what tables and indexes will take on the server's disk. */
	readonly estimatedBytes: number;
	/** Of the server's disk, where the server tells. */
	readonly freeBytes: number | null;
	readonly obstacles: readonly Obstacle[];
	readonly warnings: readonly string[];
}

export interface PreflightOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	readonly check: DumpCheck;
	readonly expected?: ExpectedContent;
	readonly replace?: boolean;
	readonly definer?: DumpDefiners;
	readonly allowOtherSessions?: boolean;
}

interface Scene extends PreflightOptions {
	readonly connection: SqlConnection;
	readonly info: ServerInfo;
	readonly obstacles: Obstacle[];
	readonly warnings: string[];
}

/** InnoDB's data and indexes of a scaled CaosDB database against its dump as SQL text (measured). */
const DISK_PER_DUMP_BYTE = 2.4;

/** Looks at server, account and target before a restore. Rejects only when it cannot look. */
export async function checkRestore(
	options: PreflightOptions,
	ctx: EngineContext,
): Promise<PreflightReport> {
	const connection = await SqlConnection.open(options.endpoint, undefined, ctx.signal);
	try {
		const info = await readServerInfo(connection);
		const scene: Scene = { ...options, connection, info, obstacles: [], warnings: [] };
		const target = await lookAtTarget(scene);
		const rights = await readStagingRights(connection, info, options.database);
		for (const look of [compareServers, lookAtSettings, lookAtDefiners, lookAtNames]) {
			throwIfAborted(ctx.signal);
			await look(scene);
		}
		const estimatedBytes = Math.round(options.check.bytes * DISK_PER_DUMP_BYTE);
		const freeBytes = await readFreeBytes(connection);
		if (freeBytes !== null && freeBytes < estimatedBytes) {
			scene.obstacles.push({
				code: 'disk_full',
				message: `The database server has ${freeBytes} bytes free; the restore takes about ${estimatedBytes}`,
				remedy: 'Free space on the disk of the database server, then start again.',
			});
		}
		const { obstacles, warnings } = scene;
		return {
			server: { vendor: info.vendor, version: info.version },
			...{ target, method: rights.enough ? 'staged' : 'inPlace' },
			...{ estimatedBytes, freeBytes, obstacles, warnings },
		};
	} finally {
		await connection.close();
	}
}

/** Throws the first obstacle as the error it would become. */
export function demandNoObstacle({ obstacles }: PreflightReport): void {
	const [first, ...others] = obstacles;
	if (first === undefined) return;
	const { code, message, remedy } = first;
	const more = others.map((other) => ` Also: ${other.message}. ${other.remedy}`).join('');
	throw new EngineError(code, message, {
		remedy: remedy + more,
		details: { obstacles: obstacles.length },
	});
}

async function lookAtTarget(scene: Scene): Promise<PreflightReport['target']> {
	const { connection, info, database } = scene;
	const defaults = await readDefaults(connection, database);
	if (defaults === undefined) return 'missing';
	const sessions = await readOtherSessions(connection, info, database);
	if (sessions.count > 0 && scene.allowOtherSessions !== true) {
		scene.obstacles.push({
			code: 'sql_database_in_use',
			message: `Database ${database} is used by ${sessions.count} other sessions (${sessions.accounts.join(', ')})`,
			remedy: 'Stop the CaosDB (LinkAhead) server first, or allow other sessions.',
		});
	}
	if (!sessions.seesAll) {
		scene.warnings.push(
			`The account sees its own sessions only (it lacks PROCESS): make sure yourself that nothing uses ${database}.`,
		);
	}
	const objects = await readObjectNames(connection, database);
	// The remains of an interrupted restore in place go first.
	const remains = objects.some(({ name }) => name === MARKER_TABLE);
	if (objects.length === 0 || remains) return 'empty';
	if (scene.replace !== true) {
		scene.obstacles.push({
			code: 'sql_database_not_empty',
			message: `Database ${database} is not empty: it holds ${objects.length} objects`,
			remedy: 'Restore into a new database, or allow the content to be replaced.',
		});
	}
	return 'filled';
}

function majorOf(version: string): number {
	return Number(/(\d+)\./.exec(version)?.[1] ?? 0);
}

async function compareServers({ connection, info, expected, warnings, obstacles }: Scene) {
	const source = expected?.server;
	if (source !== undefined && source.vendor !== info.vendor) {
		warnings.push(
			`The backup is of ${source.vendor} ${source.version}, the target is ${info.vendor} ${info.version}: types and sql modes that only one of them has make the restore fail.`,
		);
	} else if (source !== undefined && majorOf(source.version) > majorOf(info.version)) {
		warnings.push(
			`The backup is of ${source.vendor} ${source.version}, which is newer than the target's ${info.version}.`,
		);
	}
	if (expected === undefined) return;
	const { collation } = expected.database;
	const { rows } = await connection.rows(
		`SELECT 1 FROM information_schema.COLLATIONS WHERE COLLATION_NAME = ${quoteText(collation)} UNION ALL SELECT 1 FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE COLLATION_NAME = ${quoteText(collation)}`,
	);
	if (rows.length > 0 || collation.includes('uca1400')) return;
	obstacles.push({
		code: 'sql_object_unsupported',
		message: `The target does not know the collation ${collation} of the database`,
		remedy: 'Restore to a server of the kind and version that the backup is of.',
	});
}

async function lookAtSettings({ connection, info, check, database, obstacles, warnings }: Scene) {
	const { rows } = await connection.rows(
		'SELECT @@log_bin, @@log_bin_trust_function_creators, @@lower_case_table_names',
	);
	const [logBin, trust] = (rows[0] ?? []).map((cell) => integer(cell) === 1);
	const grants = await readGrants(connection, info, database);
	const creates = check.routines + check.triggers > 0;
	const setting = 'SET GLOBAL log_bin_trust_function_creators = 1';
	if (creates && logBin === true && trust === false) {
		if (grants.hasGlobal('SUPER')) {
			warnings.push(
				`The server writes a binary log and does not trust the creators of functions: a function without DETERMINISTIC or READS SQL DATA cannot be made unless you run ${setting}.`,
			);
		} else {
			obstacles.push({
				code: 'sql_setting_required',
				message:
					'The server writes a binary log and does not trust the creators of functions and triggers',
				remedy: `An administrator runs ${setting} and puts it into the configuration of the server.`,
			});
		}
	}
	if (check.largestStatementBytes >= info.maxAllowedPacket) {
		obstacles.push({
			code: 'sql_setting_required',
			message: `The dump holds a statement of ${check.largestStatementBytes} bytes; the server takes ${info.maxAllowedPacket}`,
			remedy: `Raise max_allowed_packet of the server above ${check.largestStatementBytes} (at most 1G).`,
		});
	}
	const isCaosDb = check.tables.some(({ name }) => name === 'entities') && check.routines > 0;
	if (isCaosDb && !(await hasHashFunctions(connection))) {
		warnings.push(
			"This server has no MD5() and SHA1(), which CaosDB's queries call. An administrator runs INSTALL COMPONENT 'file://component_classic_hashing', or restores to MariaDB.",
		);
	}
}

async function hasHashFunctions(connection: SqlConnection): Promise<boolean> {
	try {
		await connection.rows("SELECT MD5(''), SHA1('')");
		return true;
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return false;
	}
}

async function lookAtDefiners(scene: Scene): Promise<void> {
	const { connection, info, check, database, definer, obstacles, warnings } = scene;
	const named = definer?.mode === 'replace' ? [definer.account] : check.definers;
	const others =
		definer?.mode === 'remove' ? [] : named.filter((account) => account !== info.account);
	if (others.length === 0) return;
	const grants = await readGrants(connection, info, database);
	const rights = ['SUPER', 'SET USER', 'SET_ANY_DEFINER', 'SET_USER_ID'];
	if (!rights.some((right) => grants.hasGlobal(right))) {
		const right =
			info.vendor === 'mariadb' ? 'SET USER' : 'SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER';
		obstacles.push({
			code: 'sql_privilege_missing',
			message: `The account ${info.account} may not create objects that belong to ${others.join(', ')}`,
			remedy: `Restore as that account, or an administrator runs: GRANT ${right} ON *.* TO ${grantee(info.account)};`,
		});
	}
	for (const account of others) {
		const exists = await accountExists(connection, account);
		if (exists !== false) continue;
		warnings.push(
			`The account ${account}, which owns routines of the backup, does not exist on this server: they cannot be called until it does.`,
		);
	}
}

/** `undefined` when this account may not look. */
async function accountExists(
	connection: SqlConnection,
	account: string,
): Promise<boolean | undefined> {
	const at = account.lastIndexOf('@');
	const [user, host] = [account.slice(0, at), account.slice(at + 1)];
	try {
		const { rows } = await connection.rows(
			`SELECT 1 FROM mysql.user WHERE User = ${quoteText(user)} AND Host = ${quoteText(host)}`,
		);
		return rows.length > 0;
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return undefined;
	}
}

async function lookAtNames({ connection, check, obstacles, warnings }: Scene): Promise<void> {
	const { rows } = await connection.rows('SELECT @@lower_case_table_names');
	if (integer(rows[0]?.[0]) === 0) return;
	const names = check.tables.map(({ name }) => name);
	const folded = new Set(names.map((name) => name.toLowerCase()));
	if (folded.size < names.length) {
		obstacles.push({
			code: 'sql_object_unsupported',
			message: 'The dump has tables whose names differ in capital letters only',
			remedy: 'This server folds them (lower_case_table_names): restore to one that does not.',
		});
	} else if (names.some((name) => name !== name.toLowerCase())) {
		warnings.push('This server folds capital letters in names of tables (lower_case_table_names).');
	}
}

/** MariaDB tells with its plugin DISKS, if that is there and the account may ask: of the innermost mount. */
async function readFreeBytes(connection: SqlConnection): Promise<number | null> {
	try {
		const { rows } = await connection.rows(
			"SELECT d.Available * 1024 FROM information_schema.DISKS d WHERE d.Path = '/' OR LEFT(@@datadir, CHAR_LENGTH(d.Path) + 1) = CONCAT(d.Path, '/') ORDER BY CHAR_LENGTH(d.Path) DESC LIMIT 1",
		);
		const bytes = optionalText(rows[0]?.[0]);
		return bytes === null ? null : Number(bytes);
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return null;
	}
}
