import { EngineError } from '../core/index.ts';
import { integer, optionalText, text } from './cells.ts';
import type { SqlConnection } from './connection.ts';

/** Who answers at an endpoint. */
export interface ServerInfo {
	readonly vendor: 'mariadb' | 'mysql';
	/** As the server writes it, e.g. `11.8.9-MariaDB-1 from Debian`. */
	readonly version: string;
	readonly major: number;
	readonly minor: number;
	/** The account as the server matched it, `user@host`. */
	readonly account: string;
	/** Bytes of the largest statement that it accepts. */
	readonly maxAllowedPacket: number;
	/** Name of the cipher, `null` when the connection is not encrypted. */
	readonly tlsCipher: string | null;
}

/** The oldest releases with everything the engines rely on. */
const OLDEST = { mariadb: [10, 3], mysql: [5, 7] } as const;

/** Throws `sql_server_unsupported` for servers that are neither MariaDB nor MySQL, or too old. */
export async function readServerInfo(connection: SqlConnection): Promise<ServerInfo> {
	const { rows } = await connection.rows(
		'SELECT VERSION(), @@version_comment, CURRENT_USER(), @@max_allowed_packet',
	);
	const [version, comment, account, packet] = rows[0] ?? [];
	const cipher = await connection.rows("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
	const info = parseVersion(text(version), text(comment));
	const [oldestMajor, oldestMinor] = OLDEST[info.vendor];
	if (info.major < oldestMajor || (info.major === oldestMajor && info.minor < oldestMinor)) {
		throw new EngineError('sql_server_unsupported', `The server is too old: ${info.version}`, {
			remedy: `At least ${info.vendor} ${oldestMajor}.${oldestMinor} is needed.`,
			details: { version: info.version },
		});
	}
	return {
		...info,
		account: text(account),
		maxAllowedPacket: integer(packet),
		tlsCipher: optionalText(cipher.rows[0]?.[1]) || null,
	};
}

function parseVersion(
	version: string,
	comment: string,
): Pick<ServerInfo, 'vendor' | 'version' | 'major' | 'minor'> {
	// Some MariaDB set-ups answer with a replication prefix, 5.5.5-10.6.12-MariaDB.
	const [, major, minor] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\./.exec(version) ?? [];
	if (major === undefined || minor === undefined || /tidb/i.test(version)) {
		throw new EngineError('sql_server_unsupported', `This is no MariaDB or MySQL: ${version}`, {
			remedy: 'Use the address of the database server of CaosDB (LinkAhead).',
			details: { version },
		});
	}
	const vendor = /mariadb/i.test(version + comment) ? 'mariadb' : 'mysql';
	return { vendor, version, major: Number(major), minor: Number(minor) };
}

/** Whether the server is this vendor and at least this release. */
export function atLeast(
	server: ServerInfo,
	vendor: ServerInfo['vendor'],
	major: number,
	minor = 0,
): boolean {
	if (server.vendor !== vendor) return false;
	return server.major > major || (server.major === major && server.minor >= minor);
}
