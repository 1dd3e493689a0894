import type { Definition } from './definitions.ts';
import { DATA_SQL_MODE, writeBaseSession } from './dump-frame.ts';
import type { DumpOutput } from './dump-output.ts';
import type { DumpPlan, ViewPlan } from './dump-plan.ts';
import { commentText, quoteIdentifier, quoteText } from './identifiers.ts';

/** Views, routines, triggers and events: everything that comes after the rows. */
export function writeObjects(out: DumpOutput, plan: DumpPlan, databaseCollation: string): void {
	for (const view of plan.views) writeStandIn(out, view);
	for (const routine of plan.routines) {
		writeProgram(out, routine.kind.toLowerCase(), routine, databaseCollation);
	}
	for (const { definition } of plan.views) {
		writeProgram(out, 'view', definition, databaseCollation);
	}
	for (const trigger of plan.triggers) writeProgram(out, 'trigger', trigger, databaseCollation);
	for (const event of plan.events) writeProgram(out, 'event', event, databaseCollation);
}

/**
 * A view with the right column names and no meaning, so that views, which use each other and routines,
 * can be made in any order.
 */
function writeStandIn(out: DumpOutput, { definition, columns }: ViewPlan): void {
	const list = columns.map((name) => `1 AS ${quoteIdentifier(name)}`).join(', ');
	out.statement(`CREATE VIEW ${quoteIdentifier(definition.name)} AS SELECT ${list}`);
	out.endFrame(`view:${definition.name}`);
}

/** One definition under the session it was made in; the session is then again that of the header. */
function writeProgram(
	out: DumpOutput,
	kind: string,
	definition: Definition,
	databaseCollation: string,
): void {
	const { name, sql, client, connection, database, sqlMode, timeZone } = definition;
	out.line('');
	out.line(`-- ${kind} ${commentText(name)}`);
	out.statement(
		`SET character_set_client=${client}, character_set_results=${client}, collation_connection=${connection}, sql_mode=${quoteText(sqlMode ?? DATA_SQL_MODE)}`,
	);
	if (timeZone !== null) out.statement(`SET time_zone=${quoteText(timeZone)}`);
	// Parameters and variables without a character set take the database's default of that moment.
	const foreign = database !== null && database !== databaseCollation;
	if (foreign) out.statement(`ALTER DATABASE COLLATE ${database}`);
	const delimiter = delimiterFor(sql);
	out.line(`DELIMITER ${delimiter}`);
	out.statement(sql, `\n${delimiter}\n`);
	out.line('DELIMITER ;');
	if (foreign) out.statement(`ALTER DATABASE COLLATE ${databaseCollation}`);
	writeBaseSession(out);
	out.endFrame(`${kind}:${name}`);
}

/** A delimiter that does not occur in the text at all, not even in a comment. */
function delimiterFor(sql: Buffer): string {
	const usual = [';;', '$$', '//'].find((delimiter) => !sql.includes(delimiter));
	if (usual !== undefined) return usual;
	let number = 1;
	while (sql.includes(`$END${number}$`)) number += 1;
	return `$END${number}$`;
}
