import { DATA_SQL_MODE, writeBaseSession } from './dump-frame.ts';
import type { DumpOutput } from './dump-output.ts';
import type { DumpPlan, SequencePlan } from './dump-plan.ts';
import { commentText, quoteIdentifier, quoteText } from './identifiers.ts';
import { portableSqlMode } from './portable-sql-mode.ts';
import type { ViewPlan } from './plan-views.ts';
import type { Program } from './program-plan.ts';
import type { TablePlan } from './table-plan.ts';

/** Writes one object into frames of its own. */
export interface ObjectText {
	/** `kind:name`, as the frames are labelled. */
	readonly object: string;
	readonly write: (out: DumpOutput) => void;
}

export function sequenceText({ name, definition, values }: SequencePlan): ObjectText {
	const quoted = quoteIdentifier(name);
	return {
		object: `sequence:${name}`,
		write: (out) => {
			out.line('');
			out.statement(definition);
			out.statement(`INSERT INTO ${quoted} VALUES (${values})`);
		},
	};
}

/** What stands before the rows of a table. */
export function writeTableDefinition(out: DumpOutput, { name, definition }: TablePlan): void {
	out.line('');
	out.line(`-- table ${commentText(name)}`);
	out.statement(definition);
}

/** Views, routines, triggers and events: everything that comes after the rows. */
export function programTexts(plan: DumpPlan, databaseCollation: string): ObjectText[] {
	const { views, packages, routines, triggers, events } = plan;
	const definitions = views.map(({ definition }) => definition);
	const programs = [...packages, ...routines, ...definitions, ...triggers, ...events];
	return [
		...views.map(standInText),
		...programs.map((program) => programText(program, databaseCollation)),
	];
}

/**
 * A view with the right column names and no meaning, so that views, which use each other and routines,
 * can be made in any order.
 */
function standInText({ definition, columns }: ViewPlan): ObjectText {
	const list = columns.map((name) => `1 AS ${quoteIdentifier(name)}`).join(', ');
	const statement = `CREATE VIEW ${quoteIdentifier(definition.name)} AS SELECT ${list}`;
	return {
		object: `view:${definition.name}`,
		write: (out) => out.statement(statement),
	};
}

/** One definition under the session it was made in; the session is then again that of the header. */
function programText(program: Program, databaseCollation: string): ObjectText {
	const kind = program.kind.toLowerCase();
	const object = `${kind.replace(' ', '')}:${program.name}`;
	return { object, write: (out) => writeProgram(out, program, databaseCollation) };
}

function writeProgram(out: DumpOutput, program: Program, databaseCollation: string): void {
	const { kind, name, sql, client, connection, database, sqlMode, timeZone } = program;
	out.line('');
	out.line(`-- ${kind.toLowerCase()} ${commentText(name)}`);
	const mode = portableSqlMode(sqlMode ?? DATA_SQL_MODE);
	out.statement(
		`SET character_set_client=${client}, character_set_results=${client}, collation_connection=${connection}, sql_mode=${quoteText(mode.common)}`,
	);
	if (mode.mariadb !== undefined) {
		out.statement(`/*M!100000 SET sql_mode=${quoteText(mode.mariadb)} */`);
	}
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
}

/** A delimiter that does not occur in the text at all, not even in a comment. */
function delimiterFor(sql: Buffer): string {
	const usual = [';;', '$$', '//'].find((delimiter) => !sql.includes(delimiter));
	if (usual !== undefined) return usual;
	let number = 1;
	while (sql.includes(`$END${number}$`)) number += 1;
	return `$END${number}$`;
}
