import { EngineError, type ErrorCode, systemErrorCode } from '../core/index.ts';
import { type SqlEndpoint, describeEndpoint } from './endpoint.ts';
import { quoteIdentifier } from './identifiers.ts';

/** What was being done when the driver or the server reported an error. */
export interface ErrorScene {
	readonly endpoint: SqlEndpoint;
	readonly database?: string | undefined;
	/** Beginning of the statement, only when it holds no data. */
	readonly ddl?: string | undefined;
	/** False when the server's own words may quote data (INSERT). */
	readonly mayQuoteServer: boolean;
}

interface Verdict {
	readonly code: ErrorCode;
	readonly message: (scene: ErrorScene, serverWords: string) => string;
	readonly remedy: (scene: ErrorScene, serverWords: string) => string;
}

const server = (scene: ErrorScene) => `The database server at ${describeEndpoint(scene.endpoint)}`;

const ACCESS_DENIED: Verdict = {
	code: 'sql_access_denied',
	message: (scene) => `${server(scene)} refused the login of ${scene.endpoint.user}`,
	remedy: () =>
		'Check user, password and the host from which the account may connect (the part after the @).',
};
const DATABASE_MISSING: Verdict = {
	code: 'sql_database_missing',
	message: (scene) => `${server(scene)} has no database ${scene.database ?? 'of that name'}`,
	remedy: () => 'Check the name; capital letters count on most servers.',
};
const PRIVILEGE_MISSING: Verdict = {
	code: 'sql_privilege_missing',
	message: (scene, words) =>
		`The account ${deniedUser(words) ?? scene.endpoint.user} lacks a privilege`,
	remedy: privilegeRemedy,
};
const DEFINER_DENIED: Verdict = {
	code: 'sql_privilege_missing',
	message: (scene) =>
		`The account ${scene.endpoint.user} may not create objects that belong to another account`,
	remedy: () =>
		'Restore as the account that owns them, as root, or grant it: GRANT SET USER ON *.* TO <account> (MariaDB); GRANT SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER ON *.* TO <account> (MySQL).',
};
const FUNCTION_CREATORS: Verdict = {
	code: 'sql_setting_required',
	message: (scene) =>
		`${server(scene)} writes a binary log and does not trust the creators of functions and triggers`,
	remedy: () =>
		'Run SET GLOBAL log_bin_trust_function_creators = 1 as an administrator (and put it into the server configuration), then start again.',
};
const PACKET_TOO_LARGE: Verdict = {
	code: 'sql_setting_required',
	message: (scene) => `${server(scene)} does not accept a statement of this size`,
	remedy: () => 'Raise max_allowed_packet of the server (at most 1G), then start again.',
};
const UNREACHABLE: Verdict = {
	code: 'sql_unreachable',
	message: (scene) => `${server(scene)} does not answer`,
	remedy: () =>
		'Check host, port or socket as the machine (or container) that runs n8n sees them, and that the server runs.',
};
const TOO_BUSY: Verdict = {
	code: 'sql_unreachable',
	message: (scene) => `${server(scene)} accepts no further connection`,
	remedy: () => 'Close other connections or raise max_connections, then start again.',
};
const TLS_FAILED: Verdict = {
	code: 'sql_tls_failed',
	message: (scene) => `No encrypted connection to ${describeEndpoint(scene.endpoint)}`,
	remedy: () =>
		'Check that the server offers TLS, that its certificate names this host, and the certificate authority in the credential.',
};
const LOST: Verdict = {
	code: 'sql_connection_lost',
	message: (scene) => `The connection to ${describeEndpoint(scene.endpoint)} was lost`,
	remedy: () =>
		'Look into the log of the server (restart, killed session, time limit), then start again.',
};
const DISK_FULL: Verdict = {
	code: 'disk_full',
	message: (scene) => `${server(scene)} has no space left`,
	remedy: () => 'Free space on the disk of the database server, then start again.',
};
const CHANGED: Verdict = {
	code: 'sql_statement_failed',
	message: () => 'A table was changed by ALTER, DROP, RENAME or TRUNCATE while it was read',
	remedy: () => 'Run the backup when the structure of the database is not being changed.',
};

const BY_ERRNO = new Map<number, Verdict>([
	...[1045, 1698, 1524, 1130, 1820, 1862, 4151].map((no) => [no, ACCESS_DENIED] as const),
	[1049, DATABASE_MISSING],
	...[1044, 1142, 1143, 1370].map((no) => [no, PRIVILEGE_MISSING] as const),
	...[1227, 4007].map((no) => [no, DEFINER_DENIED] as const),
	...[1418, 1419].map((no) => [no, FUNCTION_CREATORS] as const),
	[1153, PACKET_TOO_LARGE],
	...[1040, 1203, 1226].map((no) => [no, TOO_BUSY] as const),
	...[1053, 1077, 1079, 1317, 1927, 2006, 2013, 3024, 3168, 3169, 4031].map(
		(no) => [no, LOST] as const,
	),
	...[1021, 1114].map((no) => [no, DISK_FULL] as const),
	[1412, CHANGED],
]);

const UNREACHABLE_CODES =
	/^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|ENOENT|EACCES|ENOTSOCK|EINVAL)$/;
const LOST_CODES = /^(PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_\w+)$/;
const TLS_CODES =
	/^(HANDSHAKE_(NO_SSL_SUPPORT|SSL_ERROR)|ERR_TLS_\w+|ERR_SSL_\w+|ERR_OSSL_\w+|EPROTO|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|CERT_\w+)$/;

/** It may be the owner of a view or routine instead of who is connected. */
function deniedUser(words: string): string | undefined {
	return /'([^']*)'@'[^']*'/.exec(words)?.[1];
}

/** The server names account and database in quotes, in whatever language it speaks. */
function privilegeRemedy(scene: ErrorScene, words: string): string {
	const [account = '<account>'] = /'[^']*'@'[^']*'/.exec(words) ?? [];
	const [, named] = /(?:database '|`)([^'`]+)['`]/.exec(words) ?? [];
	const database = quoteIdentifier(scene.database ?? named ?? '<database>');
	return `An administrator of the database server runs: GRANT ALL PRIVILEGES ON ${database}.* TO ${account}; (or only what the server says is missing).`;
}

/** The server's error number, `undefined` for errors of the driver or the network. */
export function serverErrno(error: unknown): number | undefined {
	if (!(error instanceof Error) || !('errno' in error)) return undefined;
	return typeof error.errno === 'number' && error.errno > 0 ? error.errno : undefined;
}

/** What the server said, as UTF-8; the connection reads all texts byte by byte. */
function serverWords(error: Error): string | undefined {
	if (!('sqlMessage' in error) || typeof error.sqlMessage !== 'string') return undefined;
	return Buffer.from(error.sqlMessage, 'latin1').toString('utf8');
}

function verdictOf(error: unknown): Verdict | undefined {
	const errno = serverErrno(error);
	if (errno !== undefined && error instanceof Error && 'sqlState' in error) {
		return BY_ERRNO.get(errno);
	}
	const code = systemErrorCode(error) ?? '';
	if (TLS_CODES.test(code)) return TLS_FAILED;
	if (UNREACHABLE_CODES.test(code)) return UNREACHABLE;
	if (LOST_CODES.test(code)) return LOST;
	return undefined;
}

/**
 * The EngineError for an error of mysql2: by the server's error number, else by the driver's or
 * system's code. An EngineError stays itself.
 */
export function sqlError(error: unknown, scene: ErrorScene): EngineError {
	if (error instanceof EngineError) return error;
	const errno = serverErrno(error);
	// The driver keeps the whole statement in the error, so data would reach a log.
	if (error instanceof Error) Reflect.deleteProperty(error, 'sql');
	const cause = scene.mayQuoteServer ? error : undefined;
	const words = error instanceof Error && scene.mayQuoteServer ? serverWords(error) : undefined;
	const details = {
		server: describeEndpoint(scene.endpoint),
		...(errno === undefined ? { system: systemErrorCode(error) ?? 'unknown' } : { errno }),
		...(words === undefined ? {} : { serverMessage: words }),
		...(scene.ddl === undefined ? {} : { statement: scene.ddl }),
	};
	const verdict = verdictOf(error);
	if (verdict !== undefined) {
		const said = words === undefined ? '' : ` (${words})`;
		return new EngineError(verdict.code, verdict.message(scene, words ?? '') + said, {
			remedy: verdict.remedy(scene, words ?? ''),
			details,
			cause,
		});
	}
	if (errno === undefined && systemErrorCode(error) === undefined) {
		return new EngineError(
			'internal',
			`Unexpected answer from ${describeEndpoint(scene.endpoint)}`,
			{
				remedy: 'Please report it with the execution log.',
				details,
				cause,
			},
		);
	}
	return new EngineError(
		'sql_statement_failed',
		`${server(scene)} refused a statement: ${words ?? `error ${String(errno)}`}`,
		{
			remedy: 'The details name the statement and the error of the server.',
			details,
			cause,
		},
	);
}
