import { createHash } from 'node:crypto';

import { type Connection, type RowDataPacket, createConnection } from 'mysql2/promise';

import type { TestServer } from './test-server.ts';

/** Everything in a database, as far as a restore must bring it back; comparable with `===`. */
export interface DatabaseContent {
	readonly characterSet: string;
	readonly collation: string;
	/** By name: number of rows and SHA-256 over the sorted rows, every cell as HEX. */
	readonly tables: ReadonlyMap<string, string>;
	/** By kind and name: the text and all that it depends on. */
	readonly objects: ReadonlyMap<string, string>;
}

const NUMERIC = /int|decimal|double|float|year|date|time/;

type Row = Readonly<Record<string, string | number | null>>;

async function rows(
	connection: Connection,
	sql: string,
	values: readonly string[] = [],
): Promise<Row[]> {
	const [found] = await connection.query<(RowDataPacket & Row)[]>(sql, [...values]);
	return found;
}

function quoted(name: string): string {
	return `\`${name.replaceAll('`', '``')}\``;
}

/** HEX() of a number rounds it, so numbers and times are compared as text. */
function cell(name: string, type: string): string {
	if (type === 'float') return `CONCAT(CAST(${name} AS DOUBLE))`;
	return NUMERIC.test(type) && !type.includes('text') ? `CONCAT(${name})` : `HEX(${name})`;
}

async function tableContent(
	connection: Connection,
	database: string,
	table: string,
): Promise<string> {
	const columns = await rows(
		connection,
		`SELECT column_name AS name, data_type AS type FROM information_schema.columns
		WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
		[database, table],
	);
	const cells = columns.map(
		({ name, type }) => `IFNULL(${cell(quoted(String(name)), String(type))}, 'NULL')`,
	);
	const found = await rows(
		connection,
		`SELECT CONCAT_WS('|', ${cells.join(', ')}) AS content FROM ${quoted(database)}.${quoted(table)}`,
	);
	const hash = createHash('sha256');
	for (const line of found.map(({ content }) => String(content)).sort()) hash.update(`${line}\n`);
	return `${found.length} rows ${hash.digest('hex')}`;
}

const OBJECTS = `
	SELECT CONCAT(routine_type, ' ', routine_name) AS id, CONCAT_WS('|', routine_definition, sql_mode,
		security_type, definer, character_set_client, collation_connection, database_collation,
		dtd_identifier, is_deterministic, sql_data_access, routine_comment) AS text
	FROM information_schema.routines WHERE routine_schema = ?
	UNION ALL SELECT CONCAT('PARAMETERS ', specific_name), GROUP_CONCAT(CONCAT_WS(' ', parameter_mode,
		parameter_name, dtd_identifier, character_set_name, collation_name) ORDER BY ordinal_position)
	FROM information_schema.parameters WHERE specific_schema = ? GROUP BY specific_name
	UNION ALL SELECT CONCAT('TRIGGER ', trigger_name), CONCAT_WS('|', event_object_table, action_timing,
		event_manipulation, action_order, action_statement, sql_mode, definer, character_set_client,
		collation_connection, database_collation)
	FROM information_schema.triggers WHERE trigger_schema = ?
	UNION ALL SELECT CONCAT('EVENT ', event_name), CONCAT_WS('|', event_definition, status, event_type,
		execute_at, interval_value, interval_field, starts, ends, on_completion, sql_mode, definer)
	FROM information_schema.events WHERE event_schema = ?
	UNION ALL SELECT CONCAT('VIEW ', table_name), CONCAT_WS('|', view_definition, check_option,
		definer, security_type)
	FROM information_schema.views WHERE table_schema = ?`;

async function objectTexts(connection: Connection, database: string): Promise<Map<string, string>> {
	await connection.query('SET SESSION group_concat_max_len = 1000000');
	const found = await rows(connection, OBJECTS, Array<string>(5).fill(database));
	// A view's text names its own database.
	const text = (value: unknown): string => String(value).replaceAll(`\`${database}\`.`, '');
	return new Map(found.map(({ id, text: content }) => [String(id), text(content)]));
}

/** Definitions of tables as the server prints them; the next AUTO_INCREMENT included. */
async function tableDefinition(
	connection: Connection,
	database: string,
	table: string,
): Promise<string> {
	const [row = {}] = await rows(
		connection,
		`SHOW CREATE TABLE ${quoted(database)}.${quoted(table)}`,
	);
	return String(row['Create Table']).replaceAll(`\`${database}\`.`, '');
}

/** Reads a whole database with SQL of its own: nothing of the product is used. */
export async function databaseContent(
	server: TestServer,
	database: string,
): Promise<DatabaseContent> {
	const { host, port, user, password } = server.address;
	const connection = await createConnection({ host, port, user, password, charset: 'utf8mb4' });
	try {
		const [schema = {}] = await rows(
			connection,
			`SELECT default_character_set_name AS cs, default_collation_name AS co
			FROM information_schema.schemata WHERE schema_name = ?`,
			[database],
		);
		const names = await rows(
			connection,
			`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?
			AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name`,
			[database],
		);
		const tables = new Map<string, string>();
		const objects = await objectTexts(connection, database);
		for (const name of names.map((row) => String(row.name))) {
			tables.set(name, await tableContent(connection, database, name));
			objects.set(`TABLE ${name}`, await tableDefinition(connection, database, name));
		}
		return { characterSet: String(schema.cs), collation: String(schema.co), tables, objects };
	} finally {
		await connection.end();
	}
}

function mapDifferences(
	before: ReadonlyMap<string, string>,
	after: ReadonlyMap<string, string>,
): string[] {
	const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
	return ids.flatMap((id) => {
		const [was, is] = [before.get(id), after.get(id)];
		if (was === is) return [];
		if (was === undefined) return [`${id} was added`];
		return [is === undefined ? `${id} is missing` : `${id} differs: ${was} → ${is}`];
	});
}

/** What a restore on the same server changed, one line each; empty when all is equal. */
export function contentDifferences(before: DatabaseContent, after: DatabaseContent): string[] {
	const differences: string[] = [];
	if (before.characterSet !== after.characterSet || before.collation !== after.collation) {
		differences.push(`character set ${before.collation} → ${after.collation}`);
	}
	differences.push(...mapDifferences(before.tables, after.tables));
	return [...differences, ...mapDifferences(before.objects, after.objects)];
}
