import { type SshTunnel, describeTunnel } from './ssh-endpoint.ts';

/** Where a database server is reached, and as whom. The database is named separately. */
export interface SqlEndpoint {
	/** Ignored when `socketPath` is given. */
	readonly host?: string;
	/** Default 3306. */
	readonly port?: number;
	readonly socketPath?: string;
	readonly user: string;
	readonly password: string;
	/** Milliseconds until a server that does not answer counts as unreachable. */
	readonly connectTimeoutMs: number;
	/** Present: the connection must be encrypted. */
	readonly tls?: SqlTls;
	/** Present: host, port and socket are as this SSH server sees them. */
	readonly tunnel?: SshTunnel;
}

/** PEM texts. */
export interface SqlTls {
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	/** Whether the server's certificate and host name are checked. */
	readonly verify: boolean;
}

export const DEFAULT_PORT = 3306;

/** How messages name a server; never contains the password. */
export function describeEndpoint(endpoint: SqlEndpoint): string {
	const { host = 'localhost', port = DEFAULT_PORT, socketPath, tunnel } = endpoint;
	const server = socketPath ?? `${host}:${port}`;
	return tunnel === undefined ? server : `${server} (by SSH through ${describeTunnel(tunnel)})`;
}
