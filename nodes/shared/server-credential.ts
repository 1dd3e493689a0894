import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ICredentialsDecrypted,
	IExecuteFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { EngineError, type HttpPort, toEngineError } from '../../lib/core/index.ts';
import { CaosDbClient, SessionHttp, type SignIn } from '../../lib/entity/index.ts';
import { HelperHttp, type ServerPlace } from './helper-http.ts';
import { legacySend } from './legacy-send.ts';

/** Where the credential leads, and who is there. */
export interface ServerAccess {
	readonly place: ServerPlace;
	readonly signIn: SignIn;
}

function required(data: ICredentialDataDecryptedObject, field: string, label: string): string {
	const value = data[field];
	if (typeof value === 'string' && value.trim() !== '') return value.trim();
	throw new EngineError('invalid_option', `The credential has no '${label}'`, {
		remedy: `Open the credential CaosDB Server API and fill in '${label}'.`,
	});
}

function baseUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') {
		return `${url.origin}${url.pathname.replace(/\/+$/, '')}/`;
	}
	throw new EngineError('invalid_option', "The credential's 'Base URL' is no address of a server", {
		remedy: 'Write it like https://linkahead.example.org, without user and password.',
	});
}

function signInOf(data: ICredentialDataDecryptedObject): SignIn {
	if (data.authenticateWith === 'token') {
		return { kind: 'token', token: required(data, 'authToken', 'Auth Token') };
	}
	const password = typeof data.password === 'string' ? data.password : '';
	return { kind: 'password', user: required(data, 'user', 'User'), password };
}

/** Reads the fields of the credential CaosDB Server API. Throws `invalid_option`. */
export function serverAccess(data: ICredentialDataDecryptedObject): ServerAccess {
	const place = {
		baseUrl: baseUrl(required(data, 'url', 'Base URL')),
		ignoreSslIssues: data.ignoreSslIssues === true,
	};
	return { place, signIn: signInOf(data) };
}

export async function serverAccessOf(
	context: Pick<IExecuteFunctions, 'getCredentials'>,
	itemIndex: number,
): Promise<ServerAccess> {
	return serverAccess(await context.getCredentials('caosDbApi', itemIndex));
}

/** HTTP to the server of the credential through n8n: its proxies and its guard hold. */
export function serverHttp(
	{ helpers }: { readonly helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'> },
	{ place, signIn }: ServerAccess,
): HttpPort {
	return new SessionHttp(
		new HelperHttp(async (all) => await helpers.httpRequest(all), place),
		signIn,
	);
}

/** The same without a login: for what anybody may ask. */
export function anonymousHttp(
	{ helpers }: { readonly helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'> },
	{ place }: ServerAccess,
): HttpPort {
	return new HelperHttp(async (all) => await helpers.httpRequest(all), place);
}

/** The test button of the credential: asks the server who is there. */
export async function serverConnectionTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { place, signIn } = serverAccess(credential.data ?? {});
		// eslint-disable-next-line @n8n/community-nodes/no-deprecated-workflow-functions -- a test gets no other helper
		const send = legacySend(this.helpers.request);
		const http = new SessionHttp(new HelperHttp(send, place), signIn);
		const { signal } = new AbortController();
		const rules = { timeoutMs: 20_000, attempts: 2 };
		const { user, realm, roles } = await new CaosDbClient({ http, signal, rules }).info();
		const who = user === undefined ? 'nobody in particular' : `${user}@${realm ?? ''}`;
		const has = roles.length === 0 ? 'no roles' : `the roles ${roles.join(', ')}`;
		const { host } = new URL(place.baseUrl);
		return { status: 'OK', message: `Connected to ${host} as ${who} with ${has}` };
	} catch (error) {
		const { message, remedy = '' } = toEngineError(error);
		return { status: 'Error', message: `${message}. ${remedy}`.trim() };
	}
}
