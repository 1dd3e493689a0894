import type { ICredentialType, INodeProperties, Icon } from 'n8n-workflow';

/** Access to a CaosDB (LinkAhead) server over HTTP. */
export class CaosDbApi implements ICredentialType {
	name = 'caosDbApi';

	displayName = 'CaosDB Server API';

	icon: Icon = { light: 'file:caosDb.svg', dark: 'file:caosDb.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-caosdb/n8n-nodes-caosdb/blob/main/docs/credential-caosdb-server.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'url',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://linkahead.example.org',
			description:
				'Address of the CaosDB (LinkAhead) server, as the machine running n8n sees it, with the context root if there is one',
		},
		{
			displayName: 'Authenticate With',
			name: 'authenticateWith',
			type: 'options',
			options: [
				{ name: 'Auth Token', value: 'token' },
				{ name: 'User and Password', value: 'password' },
			],
			default: 'password',
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			placeholder: 'e.g. admin',
			displayOptions: { show: { authenticateWith: ['password'] } },
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { authenticateWith: ['password'] } },
		},
		{
			displayName: 'Auth Token',
			name: 'authToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'A token of the server, e.g. one configured in authtoken.yaml',
			displayOptions: { show: { authenticateWith: ['token'] } },
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if SSL certificate validation is not possible',
		},
	];
}
