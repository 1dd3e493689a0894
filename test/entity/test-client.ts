import { CaosDbClient, type RequestRules, SessionHttp } from '../../lib/entity/index.ts';
import { PlainHttp } from '../../lib/standalone/index.ts';
import { ADMIN, type Emulator, type EmulatorOptions } from '../emulator/index.ts';
import type { RawClient } from '../emulator/raw-client.ts';
import { testEmulator } from '../emulator/test-emulator.ts';

/** Tests do not wait for a server that will not get better. */
export const QUICK_RULES: Partial<RequestRules> = { timeoutMs: 5000, backOffMs: 1 };

/** HTTP to an emulator, logged in as the administrator. */
export function emulatorHttp({ url }: Pick<Emulator, 'url'>): SessionHttp {
	return new SessionHttp(new PlainHttp({ baseUrl: url }), {
		...{ kind: 'password', user: ADMIN.name, password: ADMIN.password },
	});
}

/** An emulator for the running test, and our client for it. */
export async function testClient(options: Partial<EmulatorOptions> = {}): Promise<{
	readonly emulator: Emulator;
	readonly client: CaosDbClient;
	readonly raw: RawClient;
}> {
	const { emulator, client: raw } = await testEmulator(options);
	const signal = new AbortController().signal;
	const client = new CaosDbClient({ http: emulatorHttp(emulator), signal, rules: QUICK_RULES });
	return { emulator, client, raw };
}
