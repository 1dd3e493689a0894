import { definerOf } from './definer.ts';
import { tableDefaults } from './load-rules.ts';
import type { ObjectName, StatementKind } from './statement-kind.ts';
import { JOURNAL_TABLE } from './own-tables.ts';
import type { Statement } from './statement-lexer.ts';

/** Counts what a dump creates and inserts, statement by statement. */
export class DumpTally {
	statements = 0;
	rows = 0;
	largestStatementBytes = 0;
	/** Rows per table, in the order of creation. */
	readonly tables = new Map<string, number>();
	/** Tables that get rows by statements whose rows cannot be counted (INSERT … SELECT, REPLACE). */
	readonly uncounted = new Set<string>();
	readonly views = new Set<string>();
	readonly functions = new Set<string>();
	readonly procedures = new Set<string>();
	readonly packages = new Set<string>();
	readonly packageBodies = new Set<string>();
	readonly triggers = new Set<string>();
	readonly events = new Set<string>();
	readonly sequences = new Set<string>();
	/** Some table or the database says its character set. */
	tellsCharacterSet = false;
	/** Accounts that own what is created. */
	readonly definers = new Set<string>();

	/** Returns the rows that the statement inserts. */
	add(statement: Statement, kind: StatementKind): number {
		this.statements += 1;
		this.largestStatementBytes = Math.max(this.largestStatementBytes, statement.length);
		const isTable = 'object' in kind && ['table', 'database'].includes(kind.object);
		if (isTable && !this.tellsCharacterSet && kind.verb !== 'drop') {
			this.tellsCharacterSet = tableDefaults(statement.bytes) !== undefined;
		}
		if (kind.verb === 'create') {
			this.#created(kind.object)?.(nameOf(kind.names[0]));
			const definer = kind.object === 'table' ? undefined : definerOf(statement.bytes);
			if (definer !== undefined) this.definers.add(definer);
		}
		if (kind.verb === 'drop') {
			for (const name of kind.names) this.#dropped(kind.object, nameOf(name));
		}
		return kind.verb === 'insert' ? this.#inserted(statement, kind) : 0;
	}

	get routines(): number {
		return this.functions.size + this.procedures.size;
	}

	#created(object: string): ((name: string) => void) | undefined {
		if (object === 'table') return (name) => this.#counted(name, 0);
		const names = this.#namesOf(object);
		return names === undefined ? undefined : (name) => names.add(name);
	}

	#counted(table: string, rows: number): void {
		if (table !== JOURNAL_TABLE) this.tables.set(table, (this.tables.get(table) ?? 0) + rows);
	}

	#dropped(object: string, name: string): void {
		if (object === 'table') this.tables.delete(name);
		else this.#namesOf(object)?.delete(name);
	}

	#namesOf(object: string): Set<string> | undefined {
		switch (object) {
			case 'view':
				return this.views;
			case 'function':
				return this.functions;
			case 'procedure':
				return this.procedures;
			case 'package':
				return this.packages;
			case 'package body':
				return this.packageBodies;
			case 'trigger':
				return this.triggers;
			case 'event':
				return this.events;
			case 'sequence':
				return this.sequences;
			default:
				return undefined;
		}
	}

	#inserted(statement: Statement, kind: StatementKind & { verb: 'insert' }): number {
		const table = nameOf(kind.table);
		// The state of a sequence is kept by an INSERT of one row; it is no row of a table.
		if (this.sequences.has(table)) return 0;
		if (!kind.plain) {
			this.uncounted.add(table);
			return 0;
		}
		const rows = statement.groups - (kind.hasColumnList ? 1 : 0);
		this.#counted(table, rows);
		this.rows += rows;
		return rows;
	}
}

function nameOf(name: ObjectName | undefined): string {
	return name?.name ?? '';
}
