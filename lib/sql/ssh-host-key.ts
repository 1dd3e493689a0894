import { createHash } from 'node:crypto';

import { EngineError } from '../core/index.ts';

/** The public keys that a person trusts for one SSH server. */
export interface TrustedKeys {
	/** `SHA256:…` without padding. */
	readonly fingerprints: ReadonlySet<string>;
	/** Types of those that were given as whole keys, e.g. `ssh-ed25519`. */
	readonly types: readonly string[];
}

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const TYPE_MAX_BYTES = 64;

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprintOf(key: Uint8Array): string {
	return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key in SSH's own form begins with; `undefined` for anything else. */
export function keyType(key: Buffer): string | undefined {
	if (key.length < 4) return undefined;
	const length = key.readUInt32BE(0);
	if (length === 0 || length > TYPE_MAX_BYTES || key.length < 4 + length) return undefined;
	const type = key.toString('latin1', 4, 4 + length);
	return /^[\w.@-]+$/.test(type) ? type : undefined;
}

/**
 * Reads fingerprints and lines of known_hosts, ssh-keyscan, ssh-keygen -l or a .pub file. Names of hosts
 * in them do not count: what is pasted is meant for this server. Throws `invalid_option` for a line with
 * neither.
 */
export function trustedKeys(pasted: string): TrustedKeys {
	const fingerprints = new Set<string>();
	const types: string[] = [];
	for (const line of pasted.split(/\r?\n/).map((text) => text.trim())) {
		if (line === '' || line.startsWith('#')) continue;
		const words = line.split(/\s+/);
		const given = words.find((word) => FINGERPRINT.test(word));
		const key = words.map(wholeKey).find((found) => found !== undefined);
		if (given !== undefined) fingerprints.add(given.replace(/=$/, ''));
		else if (key !== undefined) {
			fingerprints.add(fingerprintOf(key.bytes));
			types.push(key.type);
		} else throw unreadable();
	}
	return { fingerprints, types };
}

function wholeKey(word: string): { readonly bytes: Buffer; readonly type: string } | undefined {
	if (!BASE64.test(word)) return undefined;
	const bytes = Buffer.from(word, 'base64');
	const type = keyType(bytes);
	return type === undefined ? undefined : { bytes, type };
}

function unreadable(): EngineError {
	return new EngineError('invalid_option', "'SSH Host Key' is no host key", {
		remedy:
			'Paste the fingerprint of the server (SHA256:…), or its line of known_hosts as ssh-keyscan prints it.',
		details: { option: 'sshHostKey' },
	});
}

/** How a server can prove its keys, the safest first; DSA is not among them any more. */
const PROOFS: Readonly<Record<string, readonly string[]>> = {
	'ssh-ed25519': ['ssh-ed25519'],
	'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
	'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
	'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
	'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** All ways of proof, those for keys of these types first: a server shows only one of its keys. */
export function proofsFor(types: readonly string[]): readonly string[] {
	const wanted = types.flatMap((type) => PROOFS[type] ?? []);
	return [...new Set([...wanted, ...Object.values(PROOFS).flat()])];
}
