import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { bundledProgram, debianFolder } from './debian-packages.ts';
import { runCommand } from './run-command.ts';

export const SERVER_IDS = ['mariadb11', 'mariadb10', 'mysql9'] as const;
export type ServerId = (typeof SERVER_IDS)[number];
export type Vendor = 'mariadb' | 'mysql';

export interface ServerKind {
	readonly id: ServerId;
	readonly vendor: Vendor;
	/** What a version must look like to stand for this kind. */
	readonly version: RegExp;
	readonly title: string;
	/** A URL of a server to use instead of a private one. */
	readonly variable: string;
	readonly suite: string;
	readonly packages: readonly string[];
}

/** LinkAhead's own compose file runs MariaDB 11.8; 10.11 and MySQL 9 are what else is in the field. */
export const SERVER_KINDS: Readonly<Record<ServerId, ServerKind>> = {
	mariadb11: {
		id: 'mariadb11',
		vendor: 'mariadb',
		version: /^11\.8\./,
		title: 'MariaDB 11.8',
		variable: 'CAOSDB_TEST_MARIADB11',
		suite: 'sid',
		packages: ['mariadb-server', 'mariadb-client'],
	},
	mariadb10: {
		id: 'mariadb10',
		vendor: 'mariadb',
		version: /^10\.11\./,
		title: 'MariaDB 10.11',
		variable: 'CAOSDB_TEST_MARIADB10',
		suite: 'bookworm',
		packages: ['mariadb-server', 'mariadb-client'],
	},
	mysql9: {
		id: 'mysql9',
		vendor: 'mysql',
		version: /^9\./,
		title: 'MySQL 9',
		variable: 'CAOSDB_TEST_MYSQL9',
		suite: 'sid',
		packages: ['mysql-server-core', 'mysql-client-core'],
	},
};

/** The programs of one kind of server, as commands to be continued with arguments. */
export interface ServerSoftware {
	readonly server: readonly string[];
	readonly client: readonly string[];
	readonly dump: readonly string[];
	/** Folder with the SQL of the system tables (MariaDB) and the messages. */
	readonly share: string;
	readonly baseOptions: readonly string[];
	readonly version: string;
	/** `PATH` or `Debian packages`. */
	readonly source: string;
}

const PROGRAMS = {
	mariadb: { server: 'mariadbd', client: 'mariadb', dump: 'mariadb-dump' },
	mysql: { server: 'mysqld', client: 'mysql', dump: 'mysqldump' },
} as const;

function versionIn(text: string): string {
	return /\b(\d+\.\d+\.\d+\S*)/.exec(text)?.[1] ?? '';
}

function onPath(program: string): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
	return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

async function installed({ vendor, version }: ServerKind): Promise<ServerSoftware | undefined> {
	const names = PROGRAMS[vendor];
	const [server, client, dump] = [names.server, names.client, names.dump].map(onPath);
	if (server === undefined || client === undefined || dump === undefined) return undefined;
	const found = versionIn(
		(await runCommand([server, '--no-defaults', '--version'])).stdout.toString(),
	);
	if (!version.test(found)) return undefined;
	return {
		server: [server],
		client: [client],
		dump: [dump],
		share: join('/usr/share', vendor === 'mariadb' ? 'mariadb' : 'mysql'),
		baseOptions: [],
		version: found,
		source: 'PATH',
	};
}

async function unpacked(kind: ServerKind): Promise<ServerSoftware> {
	const { id, vendor, suite, packages, version, title } = kind;
	const root = await debianFolder({ name: `debian-${suite}-${id}`, suite, packages });
	const names = PROGRAMS[vendor];
	const share = ['usr/share/mariadb', 'usr/share/mysql']
		.map((path) => join(root, path))
		.find((path) => existsSync(join(path, 'errmsg-utf8.txt')) || existsSync(join(path, 'english')));
	const server = bundledProgram(root, `usr/sbin/${names.server}`);
	const found = versionIn(
		(await runCommand([...server, '--no-defaults', '--version'])).stdout.toString(),
	);
	if (!version.test(found)) {
		throw new Error(
			`Debian ${suite} has '${found}' where the tests need ${title}: set ${kind.variable}`,
		);
	}
	const plugins =
		vendor === 'mariadb' ? [`--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`] : [];
	return {
		server,
		client: bundledProgram(root, `usr/bin/${names.client}`),
		dump: bundledProgram(root, `usr/bin/${names.dump}`),
		share: share ?? join(root, 'usr/share/mysql'),
		baseOptions: [`--basedir=${join(root, 'usr')}`, `--lc-messages-dir=${share ?? ''}`, ...plugins],
		version: found,
		source: `Debian ${suite}`,
	};
}

/** The server's programs: from PATH when the version is right, else unpacked from Debian's packages. */
export async function serverSoftware(id: ServerId): Promise<ServerSoftware> {
	return (await installed(SERVER_KINDS[id])) ?? (await unpacked(SERVER_KINDS[id]));
}
