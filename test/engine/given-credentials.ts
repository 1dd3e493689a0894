import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialsHelper,
	IHttpRequestOptions,
	INodeCredentialsDetails,
	INodeProperties,
} from 'n8n-workflow';

function unused(): never {
	throw new Error('The engine tests do not use this part of the credentials');
}

/** Credentials by name, given in the clear by the test. */
export class GivenCredentials implements ICredentialsHelper {
	readonly #byName: ReadonlyMap<string, ICredentialDataDecryptedObject>;

	constructor(byName: ReadonlyMap<string, ICredentialDataDecryptedObject>) {
		this.#byName = byName;
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(): Promise<IHttpRequestOptions> {
		return unused();
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		return unused();
	}

	async getDecrypted(
		_additionalData: unknown,
		{ name }: INodeCredentialsDetails,
	): Promise<ICredentialDataDecryptedObject> {
		const data = this.#byName.get(name);
		if (data === undefined) throw new Error(`The test gave no credential '${name}'`);
		return data;
	}

	async updateCredentials(): Promise<void> {
		return unused();
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		return unused();
	}

	getCredentialsProperties(): INodeProperties[] {
		return [];
	}
}
