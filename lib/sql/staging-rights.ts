import type { SqlConnection } from './connection.ts';
import { keptName, stagingName } from './derived-databases.ts';
import { Grants, readGrantLines } from './grants.ts';
import { grantee } from './privilege-errors.ts';
import type { ServerInfo } from './server-info.ts';

/** What loading into a database beside the target and moving it in takes, on each of the databases. */
const NEEDED = [
	...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES'],
	...['CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'CREATE ROUTINE', 'ALTER ROUTINE'],
];

export interface StagingRights {
	/** Whether the account may make the databases that a staged restore needs. */
	readonly enough: boolean;
	/** What an administrator runs when not. */
	readonly grant: string;
}

export async function readStagingRights(
	connection: SqlConnection,
	server: ServerInfo,
	target: string,
): Promise<StagingRights> {
	const lines = await readGrantLines(connection, server);
	const databases = [target, stagingName(target), keptName(target, new Date())];
	const enough = databases.every((database) => {
		const grants = new Grants(lines, database);
		return NEEDED.every((privilege) => grants.has(privilege));
	});
	const pattern = `${target.replaceAll(/[\\_%]/g, '\\$&')}%`.replaceAll('`', '``');
	return {
		enough,
		grant: `GRANT ALL PRIVILEGES ON \`${pattern}\`.* TO ${grantee(server.account)};`,
	};
}
