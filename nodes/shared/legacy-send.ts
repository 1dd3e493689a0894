import type { ICredentialTestFunctions } from 'n8n-workflow';

import type { Send } from './helper-http.ts';

/** The only HTTP that n8n gives to the test of a credential, in the words of its newer helper. */
export function legacySend(request: ICredentialTestFunctions['helpers']['request']): Send {
	return async ({ method, url, headers, body, skipSslCertificateValidation, timeout }) =>
		await request({
			...{ method, uri: url, headers, timeout },
			...(typeof body === 'string' ? { body } : {}),
			...{ resolveWithFullResponse: true, simple: false, followRedirect: false },
			...{ followAllRedirects: false, rejectUnauthorized: skipSslCertificateValidation !== true },
			encoding: 'utf8',
		});
}
