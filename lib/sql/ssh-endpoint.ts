/** An SSH server through which the database server is reached. */
export interface SshTunnel {
	readonly host: string;
	/** Default 22. */
	readonly port?: number;
	readonly user: string;
	readonly login: SshLogin;
	/**
	 * Which keys the server may show: fingerprints (`SHA256:…`) and lines of known_hosts, one a line.
	 * Empty: none, and the error tells the fingerprint that was found.
	 */
	readonly hostKey: string;
}

export type SshLogin =
	| { readonly by: 'password'; readonly password: string }
	/** `privateKey`: OpenSSH or PEM text. */
	| { readonly by: 'privateKey'; readonly privateKey: string; readonly passphrase?: string };

export const DEFAULT_SSH_PORT = 22;

/** How messages name an SSH server; never contains a secret. */
export function describeTunnel({ host, port = DEFAULT_SSH_PORT }: SshTunnel): string {
	return `${host}:${port}`;
}
