import type { SqlConnection } from './connection.ts';
import type { DatabaseParts, Program } from './database-programs.ts';
import { DATA_SQL_MODE } from './dump-frame.ts';
import { DISABLED, withEventStatus } from './event-status.ts';
import { quoteIdentifier, quoteText } from './identifiers.ts';
import { pinRestoreSession } from './restore-session.ts';
import type { ServerInfo } from './server-info.ts';

/**
 * Makes the programs of a database in the connection's database, each under the session it was made in.
 * `events`: none, disabled, or as they were.
 */
export async function createPrograms(
	connection: SqlConnection,
	server: ServerInfo,
	parts: DatabaseParts,
	events: 'none' | 'disabled' | 'original',
): Promise<void> {
	const programs = parts.programs.filter(({ kind }) => kind !== 'EVENT' || events !== 'none');
	for (const { kind, definition, columns } of programs) {
		if (kind !== 'VIEW') continue;
		const list = columns.map((name) => `1 AS ${quoteIdentifier(name)}`).join(', ');
		await connection.exec(`CREATE VIEW ${quoteIdentifier(definition.name)} AS SELECT ${list}`);
	}
	const session = new ProgramSession(connection, parts.collation);
	for (const program of programs) await session.create(program, events);
	if (programs.length > 0) await pinRestoreSession(connection, server);
}

/** Sends the settings of a program only when they differ from those of the one before. */
class ProgramSession {
	readonly #connection: SqlConnection;
	readonly #collation: string;
	#settings = '';

	constructor(connection: SqlConnection, databaseCollation: string) {
		this.#connection = connection;
		this.#collation = databaseCollation;
	}

	async create({ kind, definition }: Program, events: string): Promise<void> {
		const { sql, client, connection, database, sqlMode, timeZone } = definition;
		const settings = `SET character_set_client=${client}, collation_connection=${connection}, sql_mode=${quoteText(sqlMode ?? DATA_SQL_MODE)}, time_zone=${quoteText(timeZone ?? '+00:00')}`;
		if (settings !== this.#settings) await this.#connection.exec(settings);
		this.#settings = settings;
		// Parameters and variables without a character set take the database's default of that moment.
		const foreign = database !== null && database !== this.#collation;
		if (foreign) await this.#connection.exec(`ALTER DATABASE COLLATE ${database}`);
		const disabled = kind === 'EVENT' && events === 'disabled';
		await this.#connection.exec(disabled ? withEventStatus(sql, DISABLED).sql : sql);
		if (foreign) await this.#connection.exec(`ALTER DATABASE COLLATE ${this.#collation}`);
	}
}

/** Gives the defaults that `stripPrograms` took away; sequences are found in the connection's database. */
export async function setSequenceDefaults(
	connection: SqlConnection,
	parts: DatabaseParts,
): Promise<void> {
	for (const { table, column, expression } of parts.sequenceDefaults) {
		await connection.exec(
			`ALTER TABLE ${quoteIdentifier(table)} ALTER COLUMN ${quoteIdentifier(column)} SET DEFAULT ${expression}`,
		);
	}
}
