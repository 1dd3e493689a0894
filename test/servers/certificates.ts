import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { debianTool } from './debian-tool.ts';
import { mustRun } from './run-command.ts';

/** PEM texts, and the files that a server reads. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
	readonly certFile: string;
	readonly keyFile: string;
}

/** A certificate authority in a folder, made with OpenSSL. */
export class CertificateAuthority {
	readonly #openssl: readonly string[];
	readonly #folder: string;
	readonly #name: string;

	private constructor(openssl: readonly string[], folder: string, name: string) {
		this.#openssl = openssl;
		this.#folder = folder;
		this.#name = name;
	}

	static async create(folder: string, name: string): Promise<CertificateAuthority> {
		const openssl = await debianTool({ program: 'openssl', package: 'openssl' });
		const authority = new CertificateAuthority(openssl, folder, name);
		// Its own file of defaults lies where the package is not installed.
		writeFileSync(join(folder, 'openssl.cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');
		await authority.#request(name, [
			'-x509',
			'-days',
			'2',
			'-out',
			authority.caFile,
			...EXTENSIONS,
		]);
		return authority;
	}

	get caFile(): string {
		return join(this.#folder, `${this.#name}.pem`);
	}

	async pem(): Promise<string> {
		return await readFile(this.caFile, 'utf8');
	}

	/** `names`: as OpenSSL writes them, e.g. `DNS:localhost,IP:127.0.0.1`. */
	async issue(name: string, names: string): Promise<Certificate> {
		const path = (suffix: string) => join(this.#folder, `${name}.${suffix}`);
		await this.#request(name, ['-out', path('csr')]);
		writeFileSync(path('ext'), `subjectAltName=${names}\n`);
		await this.#run([
			...['x509', '-req', '-days', '2', '-in', path('csr'), '-extfile', path('ext')],
			...['-CA', this.caFile, '-CAkey', join(this.#folder, `${this.#name}.key`)],
			...['-set_serial', String(Date.now()), '-out', path('pem')],
		]);
		return {
			cert: await readFile(path('pem'), 'utf8'),
			key: await readFile(path('key'), 'utf8'),
			certFile: path('pem'),
			keyFile: path('key'),
		};
	}

	async #request(name: string, more: readonly string[]): Promise<void> {
		await this.#run([
			...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
			...['-keyout', join(this.#folder, `${name}.key`), ...more],
		]);
	}

	async #run(args: readonly string[]): Promise<void> {
		const env = { OPENSSL_CONF: join(this.#folder, 'openssl.cnf') };
		await mustRun([...this.#openssl, ...args], { env });
	}
}

const EXTENSIONS = ['-addext', 'basicConstraints=critical,CA:TRUE'];
