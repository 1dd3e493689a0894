import { EngineError, type HttpPort } from '../../core/index.ts';

/** What a server that may be stopped says. */
export type ServerPresence =
	| { readonly kind: 'answers' }
	/** `reason`: what was found instead, without a final period. */
	| { readonly kind: 'silent'; readonly reason: string };

const TIMEOUT_MS = 15_000;
/** What a proxy says of a server behind it that is stopped. */
const NOBODY_BEHIND: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Whether a CaosDB server runs at the address of the port. Any answer counts, a refusal too, and a certificate
 * that cannot be trusted: somebody showed it. Asks once and without a login.
 */
export async function serverPresence(http: HttpPort): Promise<ServerPresence> {
	try {
		const { status, body } = await http.request({
			...{ method: 'GET', path: 'Info', timeoutMs: TIMEOUT_MS },
		});
		body.destroy();
		if (!NOBODY_BEHIND.has(status)) return { kind: 'answers' };
		return { kind: 'silent', reason: `what stands before the server answers with ${status}` };
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'http_failed') throw error;
		if (error.details['certificate'] === 'untrusted') return { kind: 'answers' };
		return { kind: 'silent', reason: error.message };
	}
}
