import { cp, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';

import { cacheFolder } from './cache-folder.ts';
import { madeOnce } from './made-once.ts';
import { mustRun } from './run-command.ts';
import { SERVER_KINDS, type ServerId, type ServerSoftware } from './server-software.ts';

/** In this order; older releases call the same files `mysql_…`. */
const SYSTEM_TABLES = [
	'mariadb_system_tables.sql',
	'mariadb_performance_tables.sql',
	'mariadb_system_tables_data.sql',
	'fill_help_tables.sql',
	'maria_add_gis_sp_bootstrap.sql',
	'mariadb_sys_schema.sql',
];

async function systemTables(share: string): Promise<string> {
	const texts = SYSTEM_TABLES.map(async (name) => {
		const path = join(share, name);
		const older = join(share, name.replace('mariadb_', 'mysql_'));
		return await readFile(existsSync(path) ? path : older, 'utf8');
	});
	// The bootstrap reader wants one statement per line.
	const head = 'create database if not exists mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n';
	return head + (await Promise.all(texts)).join('\n');
}

async function initialiseMariadb(software: ServerSoftware, data: string): Promise<void> {
	await mkdir(data, { recursive: true });
	await mustRun(
		[
			...software.server,
			'--no-defaults',
			'--bootstrap',
			`--user=${userInfo().username}`,
			`--datadir=${data}`,
			...software.baseOptions,
			'--log-warnings=0',
			'--enforce-storage-engine=',
			'--max_allowed_packet=8M',
			'--net_buffer_length=16K',
		],
		{ stdin: await systemTables(software.share) },
	);
}

async function initialiseMysql(software: ServerSoftware, data: string): Promise<void> {
	await mustRun([
		...software.server,
		'--no-defaults',
		'--initialize-insecure',
		`--user=${userInfo().username}`,
		`--datadir=${data}`,
		...software.baseOptions,
	]);
}

/**
 * A fresh data folder at `data`: `root` without a password, no anonymous accounts, no test database.
 * Initialised once per version, then copied.
 */
export async function newDataFolder(
	id: ServerId,
	software: ServerSoftware,
	data: string,
): Promise<void> {
	const { vendor } = SERVER_KINDS[id];
	const template = await madeOnce(cacheFolder(`data-${id}-${software.version}`), async (folder) => {
		const initialise = vendor === 'mariadb' ? initialiseMariadb : initialiseMysql;
		await initialise(software, join(folder, 'data'));
	});
	await cp(join(template, 'data'), data, {
		recursive: true,
		// Two MySQL servers with one UUID would be taken for the same server.
		filter: (path) => !path.endsWith('/auto.cnf'),
	});
}
