import { describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import { fingerprintOf, keyType, trustedKeys } from '../../lib/sql/ssh-host-key.ts';

/** Made with ssh-keygen -t ed25519; the fingerprint is what ssh-keygen -lf printed for it. */
const PUBLIC = 'AAAAC3NzaC1lZDI1NTE5AAAAIH7rxCnW6x5AUrOLZ1d/kTvLs4vNTP8hnklYOVt4bG6r';
const FINGERPRINT = 'SHA256:mW33Pmp6eMDu9nqxZ09xXXrWpJXYp5BfS8v1+nhM3S4';

describe('host keys of SSH servers', () => {
	test('have the fingerprint that ssh-keygen prints', () => {
		const bytes = Buffer.from(PUBLIC, 'base64');
		expect(fingerprintOf(bytes)).toBe(FINGERPRINT);
		expect(keyType(bytes)).toBe('ssh-ed25519');
	});

	test.each([
		['a fingerprint', FINGERPRINT, []],
		['a fingerprint with padding', `${FINGERPRINT}=`, []],
		['ssh-keygen -l', `256 ${FINGERPRINT} root@host (ED25519)`, []],
		['known_hosts', `host.example,10.0.0.1 ssh-ed25519 ${PUBLIC}`, ['ssh-ed25519']],
		['hashed known_hosts', `|1|F1E1/c=|abcd= ssh-ed25519 ${PUBLIC}`, ['ssh-ed25519']],
		['ssh-keyscan', `# host:22 SSH-2.0-OpenSSH_9.2\nhost ssh-ed25519 ${PUBLIC}\n`, ['ssh-ed25519']],
		['a .pub file', `ssh-ed25519 ${PUBLIC} root@host`, ['ssh-ed25519']],
	])('are read from %s', (_what, pasted, types) => {
		const trusted = trustedKeys(pasted);
		expect([...trusted.fingerprints]).toEqual([FINGERPRINT]);
		expect(trusted.types).toEqual(types);
	});

	test('several may be trusted, none is none', () => {
		const other = `SHA256:${'A'.repeat(43)}`;
		expect([...trustedKeys(`${FINGERPRINT}\r\n\n${other}`).fingerprints]).toHaveLength(2);
		expect(trustedKeys(' \n').fingerprints.size).toBe(0);
	});

	test.each(['MD5:16:27:ac', 'SHA256:short', 'host ssh-ed25519', 'AAAA', `${FINGERPRINT}\nx`])(
		'%j is refused',
		(pasted) => {
			expect(() => trustedKeys(pasted)).toThrow(EngineError);
			expect(() => trustedKeys(pasted)).toThrow(/is no host key/);
		},
	);
});
