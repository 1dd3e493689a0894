import type { ICredentialType, INodeProperties, Icon } from 'n8n-workflow';

/** Access to the MariaDB or MySQL server; fields are named as in n8n's own MySQL credential. */
export class CaosDbSqlApi implements ICredentialType {
	name = 'caosDbSqlApi';

	displayName = 'CaosDB SQL API';

	icon: Icon = { light: 'file:caosDb.svg', dark: 'file:caosDb.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-caosdb/n8n-nodes-caosdb/blob/main/docs/credential-caosdb-sql.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Connect By',
			name: 'connectBy',
			type: 'options',
			options: [
				{ name: 'Host and Port', value: 'host' },
				{ name: 'Unix Socket', value: 'socket' },
			],
			default: 'host',
		},
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: 'localhost',
			placeholder: 'e.g. sqldb',
			description:
				'Name or address of the MariaDB or MySQL server, as the machine running n8n sees it',
			displayOptions: { show: { connectBy: ['host'] } },
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			default: 3306,
			displayOptions: { show: { connectBy: ['host'] } },
		},
		{
			displayName: 'Socket Path',
			name: 'socketPath',
			type: 'string',
			default: '/run/mysqld/mysqld.sock',
			displayOptions: { show: { connectBy: ['socket'] } },
		},
		{
			displayName: 'Database',
			name: 'database',
			type: 'string',
			default: 'caosdb',
			placeholder: 'e.g. linkahead',
			description: "CaosDB's database: 'caosdb' in older installations, 'linkahead' in today's",
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: 'caosdb',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
		},
		{
			displayName: 'Connect Timeout (Milliseconds)',
			name: 'connectTimeout',
			type: 'number',
			default: 10000,
			description: 'How long to wait for the server before giving up',
		},
		{
			displayName: 'SSL',
			name: 'ssl',
			type: 'boolean',
			default: false,
			description: 'Whether to encrypt the connection (TLS)',
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if SSL certificate validation is not possible',
			displayOptions: { show: { ssl: [true] } },
		},
		{
			displayName: 'CA Certificate',
			name: 'caCertificate',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'Certificate of the authority that signed the server certificate, as PEM text',
			displayOptions: { show: { ssl: [true] } },
		},
		{
			displayName: 'Client Certificate',
			name: 'clientCertificate',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'Only if the server asks clients for a certificate, as PEM text',
			displayOptions: { show: { ssl: [true] } },
		},
		{
			displayName: 'Client Private Key',
			name: 'clientPrivateKey',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'Key that belongs to the client certificate, as PEM text',
			displayOptions: { show: { ssl: [true] } },
		},
		{
			displayName: 'SSH Tunnel',
			name: 'sshTunnel',
			type: 'boolean',
			default: false,
			description:
				'Whether to reach the database through an SSH server, e.g. because it is not published outside its compose project',
		},
		{
			displayName: 'Host, port or socket above are then as the SSH server sees them',
			name: 'sshNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH Authenticate With',
			name: 'sshAuthenticateWith',
			type: 'options',
			options: [
				{ name: 'Password', value: 'password' },
				{ name: 'Private Key', value: 'privateKey' },
			],
			default: 'password',
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH Host',
			name: 'sshHost',
			type: 'string',
			default: 'localhost',
			placeholder: 'e.g. linkahead.example.org',
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH Port',
			name: 'sshPort',
			type: 'number',
			default: 22,
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH Host Key',
			name: 'sshHostKey',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. SHA256:VjVWW0ToC…',
			description:
				'Fingerprint of the SSH server, or its line of known_hosts. Leave it empty and test the connection to be told the fingerprint, compare it, and paste it here.',
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH User',
			name: 'sshUser',
			type: 'string',
			default: 'root',
			displayOptions: { show: { sshTunnel: [true] } },
		},
		{
			displayName: 'SSH Password',
			name: 'sshPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { sshTunnel: [true], sshAuthenticateWith: ['password'] } },
		},
		{
			displayName: 'Private Key',
			name: 'privateKey',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'The whole text of the key file, with its first and last line',
			displayOptions: { show: { sshTunnel: [true], sshAuthenticateWith: ['privateKey'] } },
		},
		{
			displayName: 'Passphrase',
			name: 'passphrase',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Only if the private key has one',
			displayOptions: { show: { sshTunnel: [true], sshAuthenticateWith: ['privateKey'] } },
		},
	];
}
