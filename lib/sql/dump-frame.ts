import type { DumpOutput } from './dump-output.ts';
import type { DumpServer, DumpSnapshot, DumpedDatabase } from './dump-summary.ts';
import { commentText, quoteText } from './identifiers.ts';
import { type LeftOut, leftOutPhrases } from './left-out.ts';

/**
 * What stands around the objects: settings that the file needs, saved before and put back after, so that
 * it never depends on the session of its reader.
 */

/** Ids may be 0, and dates what they were; strictness would refuse values that were stored without it. */
export const DATA_SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';

const SAVED = [
	...['character_set_client', 'character_set_results', 'collation_connection', 'time_zone'],
	...['sql_mode', 'foreign_key_checks', 'unique_checks', 'sql_notes', 'autocommit'],
];
/** Settings that only MariaDB has, with the release (as in its executable comments) since when. */
const SAVED_MARIADB = [
	{ name: 'check_constraint_checks', since: '100201', value: '0' },
	{ name: 'explicit_defaults_for_timestamp', since: '101100', value: '1' },
];

export interface DumpHeader {
	readonly tool: string;
	readonly server: DumpServer;
	readonly database: DumpedDatabase;
	readonly snapshot: DumpSnapshot;
	readonly leftOut: LeftOut;
}

export function writeHeader(out: DumpOutput, header: DumpHeader): void {
	const { tool, server, database, snapshot, leftOut } = header;
	out.line(`-- SQL dump of database ${commentText(database.name)}, made by ${commentText(tool)}`);
	out.line(`-- Server: ${server.vendor} ${commentText(server.version)}`);
	out.line(`-- Snapshot: ${snapshot.at}`);
	for (const phrase of leftOutPhrases(leftOut)) out.line(`-- Left out: ${commentText(phrase)}`);
	out.line('-- Plain SQL. Load it into an empty database: mariadb <database> < file');
	out.line('-- (or mysql <database> < file). Without its last line, "Dump completed", it is cut.');
	out.line('');
	out.statement(`SET ${SAVED.map((name) => `@n8n_${name}=@@${name}`).join(', ')}`);
	for (const { name, since, value } of SAVED_MARIADB) {
		out.statement(`/*M!${since} SET @n8n_${name}=@@${name}, ${name}=${value} */`);
	}
	writeBaseSession(out);
	out.statement('SET foreign_key_checks=0, unique_checks=1, sql_notes=0, autocommit=1');
	const { characterSet, collation } = database;
	out.statement(`ALTER DATABASE CHARACTER SET ${characterSet} COLLATE ${collation}`);
}

/** The session in which tables, rows and stand-ins are made; objects with their own session return to it. */
export function writeBaseSession(out: DumpOutput): void {
	out.statement('SET NAMES utf8mb4');
	out.statement(`SET time_zone='+00:00', sql_mode=${quoteText(DATA_SQL_MODE)}`);
}

/** Around rows that tell their time (MariaDB 10.11 and later). */
export function writeHistorySession(out: DumpOutput, side: 'begin' | 'end' | 'none'): void {
	if (side === 'none') return;
	out.statement(`SET system_versioning_insert_history=${side === 'begin' ? 1 : 0}`);
}

export function writeFooter(out: DumpOutput): void {
	out.line('');
	for (const { name, since } of SAVED_MARIADB) {
		out.statement(`/*M!${since} SET ${name}=@n8n_${name} */`);
	}
	out.statement(`SET ${SAVED.map((name) => `${name}=@n8n_${name}`).join(', ')}`);
}
