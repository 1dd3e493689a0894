import { type RowDataPacket, createConnection } from 'mysql2/promise';

import { SERVER_KINDS, type ServerId, serverSoftware } from './server-software.ts';
import { TestServer } from './test-server.ts';

async function versionOf(url: URL): Promise<string> {
	const connection = await createConnection({
		host: url.hostname,
		port: Number(url.port) || 3306,
		user: decodeURIComponent(url.username),
		password: decodeURIComponent(url.password),
	});
	try {
		const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
		return String(rows[0]?.version);
	} finally {
		await connection.end();
	}
}

/** The server that an environment variable names, if one does. Throws when it is of another kind. */
export async function namedServer(id: ServerId): Promise<TestServer | undefined> {
	const { variable, version, title, vendor } = SERVER_KINDS[id];
	const value = process.env[variable];
	if (value === undefined || value === '') return undefined;
	const url = new URL(value);
	const found = await versionOf(url);
	const isMariadb = found.includes('MariaDB');
	if (isMariadb !== (vendor === 'mariadb') || !version.test(found)) {
		throw new Error(`${variable} names a server of version ${found}, but ${title} is needed`);
	}
	const { client, dump } = await serverSoftware(id);
	const user = decodeURIComponent(url.username);
	const password = decodeURIComponent(url.password);
	const port = Number(url.port) || 3306;
	const connect = [
		...['--no-defaults', `--host=${url.hostname}`, `--port=${port}`, '--protocol=TCP'],
		...[`--user=${user}`, `--password=${password}`],
	];
	return new TestServer({
		...{ id, version: found, source: variable, host: url.hostname, port, user, password },
		clientCommand: [...client, ...connect, '--default-character-set=utf8mb4'],
		dumpCommand: [...dump, ...connect],
	});
}
