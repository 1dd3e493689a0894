import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { TestServer } from '../servers/index.ts';

/** The fields of the credential CaosDB SQL API for a test server's administrator. */
export function sqlCredential(
	server: TestServer,
	database: string,
): ICredentialDataDecryptedObject {
	const { host, port, user, password } = server.address;
	return {
		...{ connectBy: 'host', host, port, user, password, database },
		connectTimeout: 10_000,
		ssl: false,
	};
}
