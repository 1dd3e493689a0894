import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ICredentialsDecrypted,
	IExecuteFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { EngineError, toEngineError } from '../../lib/core/index.ts';
import { type JobInput, runJob } from '../../lib/worker/index.ts';
import { NO_PORTS } from './no-ports.ts';

type SqlEndpoint = JobInput<'sqlBackup'>['endpoint'];

/** Where the credential leads, and which database it is for. */
export interface SqlAccess {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
}

function text(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

/** PEM text as people paste it: line breaks may have become blanks or the two characters `\n`. */
export function pem(value: unknown): string | undefined {
	const pasted = text(value).replace(/\\n/g, '\n');
	if (pasted === '') return undefined;
	return pasted.replace(
		/(-----BEGIN [^-]+-----)\s*([\s\S]*?)\s*(-----END [^-]+-----)/g,
		(_all, begin: string, body: string, end: string) => {
			// An encrypted key begins with headers, whose blanks are not line breaks.
			const lines = body.includes('\n') ? body.split(/\s*\n/) : body.split(/\s+/);
			return [begin, ...lines, `${end}\n`].join('\n');
		},
	);
}

function tunnelOf(data: ICredentialDataDecryptedObject): SqlEndpoint['tunnel'] {
	if (data.sshTunnel !== true) return undefined;
	const passphrase = typeof data.passphrase === 'string' ? data.passphrase : '';
	const login =
		data.sshAuthenticateWith === 'privateKey'
			? {
					by: 'privateKey' as const,
					privateKey: pem(required(data, 'privateKey', 'Private Key')) ?? '',
					...(passphrase === '' ? {} : { passphrase }),
				}
			: {
					by: 'password' as const,
					password: typeof data.sshPassword === 'string' ? data.sshPassword : '',
				};
	return {
		host: required(data, 'sshHost', 'SSH Host'),
		port: Number(data.sshPort) || 22,
		user: required(data, 'sshUser', 'SSH User'),
		login,
		hostKey: text(data.sshHostKey),
	};
}

function tlsOf(data: ICredentialDataDecryptedObject): SqlEndpoint['tls'] {
	if (data.ssl !== true) return undefined;
	const ca = pem(data.caCertificate);
	const cert = pem(data.clientCertificate);
	const key = pem(data.clientPrivateKey);
	return {
		verify: data.ignoreSslIssues !== true,
		...(ca === undefined ? {} : { ca }),
		...(cert === undefined ? {} : { cert }),
		...(key === undefined ? {} : { key }),
	};
}

function required(data: ICredentialDataDecryptedObject, field: string, label: string): string {
	const value = text(data[field]);
	if (value !== '') return value;
	throw new EngineError('invalid_option', `The credential has no '${label}'`, {
		remedy: `Open the credential CaosDB SQL API and fill in '${label}'.`,
	});
}

/** Reads the fields of the credential CaosDB SQL API. Throws `invalid_option`. */
export function sqlAccess(data: ICredentialDataDecryptedObject): SqlAccess {
	const tls = tlsOf(data);
	const tunnel = tunnelOf(data);
	const place =
		data.connectBy === 'socket'
			? { socketPath: required(data, 'socketPath', 'Socket Path') }
			: { host: required(data, 'host', 'Host'), port: Number(data.port) || 3306 };
	return {
		endpoint: {
			...place,
			user: required(data, 'user', 'User'),
			password: typeof data.password === 'string' ? data.password : '',
			connectTimeoutMs: Number(data.connectTimeout) || 10_000,
			...(tls === undefined ? {} : { tls }),
			...(tunnel === undefined ? {} : { tunnel }),
		},
		database: required(data, 'database', 'Database'),
	};
}

export async function sqlAccessOf(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<SqlAccess> {
	return sqlAccess(await context.getCredentials('caosDbSqlApi', itemIndex));
}

/** The test button of the credential: logs in and opens the database. */
export async function sqlConnectionTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { endpoint, database } = sqlAccess(credential.data ?? {});
		const { signal } = new AbortController();
		const server = await runJob('sqlCheck', { endpoint, database }, { signal, ports: NO_PORTS });
		const vendor = server.vendor === 'mariadb' ? 'MariaDB' : 'MySQL';
		return {
			status: 'OK',
			message: `Connected to ${vendor} ${server.version} as ${server.account}`,
		};
	} catch (error) {
		const { message, remedy = '' } = toEngineError(error);
		return { status: 'Error', message: `${message}. ${remedy}`.trim() };
	}
}
