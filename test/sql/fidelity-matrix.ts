import type { ServerId } from '../servers/index.ts';

/** One line of the table in docs/sql.md: what comes back, and by which objects of the tests that is seen. */
export interface Feature {
	readonly title: string;
	/** Names of tables, or kind and name of other objects, in the fixture of that name. */
	readonly objects: readonly string[];
	readonly fixture: 'types' | 'zoo';
	/** Servers that have it; absent: all. */
	readonly on?: readonly ServerId[];
	readonly note?: string;
}

const MARIADB: readonly ServerId[] = ['mariadb11', 'mariadb10'];
const MYSQL: readonly ServerId[] = ['mysql9'];

function types(title: string, objects: readonly string[], more: Partial<Feature> = {}): Feature {
	return { title, objects, fixture: 'types', ...more };
}

function zoo(title: string, objects: readonly string[], more: Partial<Feature> = {}): Feature {
	return { title, objects, fixture: 'zoo', ...more };
}

export const FEATURES: readonly Feature[] = [
	types('Integers of all sizes, signed and unsigned, to their limits; ZEROFILL; BOOLEAN; YEAR', [
		'numbers',
	]),
	types('DECIMAL(65,30)', ['numbers']),
	types('FLOAT and DOUBLE to the last bit, subnormal, largest, -0', ['doubles', 'numbers'], {
		note: 'Infinities and NaN in old MariaDB data: the server itself prints them as 0.',
	}),
	types('BIT(1) to BIT(64)', ['bits']),
	types(
		'CHAR, VARCHAR, TEXT in utf8mb4, utf8mb3, latin1, latin2, ascii, ucs2, utf16, utf16le, utf32, koi8r, sjis, gbk, big5',
		['texts'],
	),
	types('Collations of columns', ['collations']),
	types('BINARY, VARBINARY and BLOB; empty against NULL', ['texts']),
	types('ENUM and SET with quotes, commas, empty members and rejected values', ['members']),
	types('JSON', ['documents'], {
		note: 'MySQL keeps no number as 1.10: it never has the text that was typed.',
	}),
	types(
		'DATE, TIME(6), DATETIME(6), TIMESTAMP(6): zero and impossible dates, negative and long times',
		['times'],
	),
	types('All spatial types, with SRID', ['geometries', 'shapes']),
	types('UUID, INET4, INET6', ['mariadb_types'], { on: MARIADB }),
	types('VECTOR', ['vectors'], { on: ['mariadb11', 'mysql9'] }),
	types('SRID of a column, functional indexes', ['mysql_types'], { on: MYSQL }),
	types('Descending, invisible, functional and multi-valued indexes', ['indexes'], { on: MYSQL }),
	types('Generated columns, virtual and stored; invisible columns; checks', ['mariadb_types'], {
		on: MARIADB,
	}),
	types('Generated columns, virtual and stored; invisible columns; checks', ['mysql_types'], {
		on: MYSQL,
	}),
	types('Named checks, ignored indexes, JSON as it was typed', ['named_checks'], { on: MARIADB }),
	types('Periods without overlaps', ['booked'], { on: MARIADB }),
	types('Dynamic columns', ['dynamic_columns'], { on: MARIADB }),
	types('Defaults with expressions and odd texts, ON UPDATE, comments', ['defaults']),
	types('AUTO_INCREMENT kept, rows with the id 0', ['numbers', 'defaults']),
	types('Tables without any key, without rows, with duplicates', ['no_key', 'empty_one']),
	types('Composite and prefix keys', ['composite']),
	types('1,000 columns', ['wide']),
	types('Partitions and subpartitions', ['parts', 'subparts', 'listed']),
	types('InnoDB, MyISAM, MEMORY', ['in_myisam', 'in_memory', 'numbers'], {
		note: 'MyISAM, Aria and MEMORY are read under a lock.',
	}),
	types('Aria', ['aria_table'], { on: MARIADB }),
	types('Compressed rows, several FULLTEXT indexes', ['compressed_rows', 'two_fulltexts']),
	types('Names with a line break', ['new\nline']),
	zoo(
		'Names with backticks, blanks, dots, %, quotes and reserved words',
		['odd `name.%s \'q\' "d" Ωü#--', 'groups'],
		{
			note: 'Servers store no name with an emoji.',
		},
	),
	zoo('Foreign keys in cycles and to the table itself', ['parent', 'child']),
	types('Views with column lists, algorithms and CHECK OPTION', [
		'VIEW listed_columns',
		'VIEW with_algorithm',
	]),
	zoo('Views on views and functions, in any order', [
		'VIEW z_first',
		'VIEW a_second',
		'VIEW m_third',
		'VIEW old_view',
	]),
	zoo('Functions and procedures with their sql_mode, character sets and security', [
		'FUNCTION twice',
		'PROCEDURE ansi',
		'PROCEDURE no_escapes',
		'PROCEDURE old_client',
	]),
	zoo('Routines made under another default of the database', [
		'PROCEDURE other_default',
		'PARAMETERS other_default',
	]),
	types('Routines of an account that does not exist', ['PROCEDURE owned_by_nobody']),
	types('Aggregate functions', ['FUNCTION longest'], { on: MARIADB }),
	types(
		'Packages and routines in ORACLE mode',
		['PACKAGE tools', 'PACKAGE BODY tools', 'PROCEDURE oracle_style'],
		{ on: MARIADB },
	),
	zoo('Triggers, several for one event, in their order', [
		'TRIGGER first_one',
		'TRIGGER second',
		'TRIGGER third',
		'TRIGGER odd `trigger',
	]),
	zoo('Events with their state and time zone', ['EVENT switched_off', 'EVENT switched_on']),
	zoo('Sequences with their value; defaults from them', ['with_seq'], { on: MARIADB }),
	zoo('System-versioned tables', ['versioned'], { on: MARIADB, note: 'Former rows on request.' }),
];

const SERVER_TITLES: Readonly<Record<ServerId, string>> = {
	mariadb11: 'MariaDB 11.8',
	mariadb10: 'MariaDB 10.11',
	mysql9: 'MySQL 9',
};

/** The table of docs/sql.md. */
export function matrixTable(): string {
	const ids = Object.keys(SERVER_TITLES) as ServerId[];
	const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const head = ['What comes back', ...ids.map((id) => SERVER_TITLES[id]), 'Note'];
	const merged = new Map<string, Feature>();
	for (const feature of FEATURES) {
		const known = merged.get(feature.title);
		const on = [...(known?.on ?? []), ...(feature.on ?? ids)];
		merged.set(feature.title, { ...feature, on });
	}
	const lines = [...merged.values()].map(({ title, on = ids, note = '' }) =>
		row([title, ...ids.map((id) => (on.includes(id) ? 'yes' : '–')), note]),
	);
	return [row(head), row(head.map(() => '---')), ...lines].join('\n');
}
