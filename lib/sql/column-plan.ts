import { EngineError } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import { optionalText, text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import { quoteIdentifier } from './identifiers.ts';
import {
	type LiteralWriter,
	writeAsciiOrHex,
	writeDouble,
	writeHex,
	writeNumber,
	writeQuoted,
	writeText,
} from './literals.ts';

/** A column as information_schema describes it. */
export interface ColumnInfo {
	readonly table: string;
	readonly name: string;
	/** Lower case, e.g. `varchar`. */
	readonly dataType: string;
	/** With all attributes, e.g. `enum('a','b')`. */
	readonly columnType: string;
	readonly characterSet: string | null;
	readonly collation: string | null;
	readonly nullable: boolean;
	readonly generated: boolean;
	/** The expression, or `ROW START`, `ROW END`; else empty. */
	readonly generation: string;
	/** Digits after the point that the column was declared with. */
	readonly scale: string | null;
}

/** How one column is read and written. */
export interface ColumnPlan {
	readonly name: string;
	/** Expression of the SELECT. */
	readonly expression: string;
	readonly write: LiteralWriter;
}

/** Sets in which a '…' literal of the dump's utf8mb4 session holds the same characters as the column. */
const UTF8_SETS = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii']);
/** Sets in which printable ASCII is itself and nothing else, so that it survives the conversion. */
const ASCII_COMPATIBLE_SETS = new Set(['latin1', 'latin2', 'latin5', 'latin7', 'cp1250', 'cp1251']);

/** Collations of MariaDB 11 that the driver does not know: it would give up at the name of the column. */
const UNKNOWN_COLLATIONS = /_general1400_/;

const NUMBERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'];
const QUOTED = ['date', 'datetime', 'timestamp', 'time', 'year', 'uuid', 'inet4', 'inet6'];
const TEXTS = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'set'];
const BINARIES = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
/** Sent and taken as raw bytes: bit strings, geometry in the server's own form, vectors. */
const RAW = [
	...['bit', 'vector', 'geometry', 'point', 'linestring', 'polygon', 'multipoint'],
	...['multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection'],
];

/** Columns of all tables of the database, in their order; rows in one list per table. */
export async function readColumns(
	connection: SqlConnection,
	database: string,
): Promise<ReadonlyMap<string, readonly ColumnInfo[]>> {
	const { rows } = await connection.rows(
		`SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, GENERATION_EXPRESSION, NUMERIC_SCALE, COLLATION_NAME, IS_NULLABLE FROM information_schema.COLUMNS WHERE ${inDatabase('TABLE_SCHEMA', database)} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
	);
	const tables = new Map<string, ColumnInfo[]>();
	for (const row of rows) {
		const column: ColumnInfo = {
			table: text(row[0]),
			name: text(row[1]),
			dataType: text(row[2]).toLowerCase(),
			columnType: text(row[3]),
			characterSet: optionalText(row[4]),
			generated: (optionalText(row[5]) ?? '') !== '',
			generation: optionalText(row[5]) ?? '',
			scale: optionalText(row[6]),
			collation: optionalText(row[7]),
			nullable: optionalText(row[8]) !== 'NO',
		};
		const columns = tables.get(column.table);
		if (columns === undefined) tables.set(column.table, [column]);
		else columns.push(column);
	}
	return tables;
}

/** Throws `sql_object_unsupported` for a type whose values are not known to survive. */
export function planColumn(column: ColumnInfo): ColumnPlan {
	const quoted = quoteIdentifier(column.name);
	const isUnknown = UNKNOWN_COLLATIONS.test(column.collation ?? '');
	const name = isUnknown ? `CAST(${quoted} AS BINARY)` : quoted;
	const { dataType, columnType } = column;
	const plan = (write: LiteralWriter, expression = name) => ({
		name: column.name,
		expression,
		write,
	});
	if (NUMBERS.includes(dataType)) return plan(writeNumber);
	if (dataType === 'double' && column.scale === null) return plan(writeDouble);
	// A FLOAT is printed with 6 digits, a DOUBLE(M,D) with D: as DOUBLE both come back exactly.
	if (dataType === 'float' || dataType === 'double') {
		return plan(writeDouble, `CAST(${name} AS DOUBLE)`);
	}
	if (QUOTED.includes(dataType)) return plan(writeQuoted);
	if (dataType === 'enum') {
		// The value 0 (a rejected value) and a member '' both read as ''; their numbers differ.
		return columnType.includes("''")
			? plan(writeNumber, `CAST(${name} AS UNSIGNED)`)
			: plan(textWriter(column));
	}
	if (TEXTS.includes(dataType)) return plan(textWriter(column));
	if (BINARIES.includes(dataType)) return plan(writeAsciiOrHex);
	if (RAW.includes(dataType)) return plan(writeHex);
	// The server sends JSON as utf8mb4 whatever the session asks for.
	if (dataType === 'json') return plan(writeText);
	throw new EngineError(
		'sql_object_unsupported',
		`Column ${column.name} of table ${column.table} has the type ${columnType}, which cannot be dumped`,
		{
			remedy: 'Change the type of the column, or leave this database to the tools of its server.',
			details: { table: column.table, column: column.name, type: columnType },
		},
	);
}

function textWriter(column: ColumnInfo): LiteralWriter {
	const characterSet = column.characterSet ?? 'binary';
	if (UTF8_SETS.has(characterSet)) return writeText;
	return ASCII_COMPATIBLE_SETS.has(characterSet) || characterSet === 'binary'
		? writeAsciiOrHex
		: writeHex;
}
