import { EngineError } from '../core/index.ts';
import { defaultsClause } from './database-defaults.ts';
import { withoutTriggerDatabase, withoutViewDatabase } from './ddl-edits.ts';
import { tableDefaults } from './load-rules.ts';
import type { ObjectName, StatementKind } from './statement-kind.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/**
 * The one database that a dump is of, known from its USE, CREATE, DROP or ALTER DATABASE. It is loaded
 * under another name, so this name goes out of every statement; any other name is refused, since such a
 * statement would read or change a database that is not the target.
 */
export class OwnDatabase {
	#name: string | undefined;

	/**
	 * The statement as it may be sent; `undefined` when there is nothing to send. Throws
	 * `sql_object_unsupported` for a statement that names another database.
	 */
	adapt(sql: Buffer, kind: StatementKind, offset: number): Buffer | undefined {
		switch (kind.verb) {
			case 'use':
				this.#own(kind.name, offset);
				return undefined;
			case 'insert':
				return this.#unqualified(sql, kind, [kind.table], offset);
			case 'create':
			case 'drop':
			case 'alter':
				if (kind.object === 'database') return this.#database(sql, kind, offset);
				return this.#unqualified(sql, kind, kind.names, offset);
			default:
				return sql;
		}
	}

	#database(
		sql: Buffer,
		kind: StatementKind & { readonly verb: 'create' | 'drop' | 'alter' },
		offset: number,
	): Buffer | undefined {
		const [named] = kind.names;
		if (named?.name === undefined) return sql;
		this.#own(named.name, offset);
		if (kind.verb === 'drop') return undefined;
		if (kind.verb === 'alter') return withoutName(sql, named.name);
		// The database is there already; only its character set counts.
		const defaults = tableDefaults(sql);
		return defaults === undefined
			? undefined
			: Buffer.from(`ALTER DATABASE ${defaultsClause(defaults)}`);
	}

	#own(name: string | undefined, offset: number): void {
		this.#name ??= name;
		if (name !== undefined && name === this.#name) return;
		throw new EngineError(
			'sql_object_unsupported',
			`The dump is of several databases: ${this.#name ?? ''} and ${name ?? 'an unknown one'}`,
			{ remedy: 'Dump the database of CaosDB alone, or cut the file.', details: { offset } },
		);
	}

	#unqualified(
		sql: Buffer,
		kind: StatementKind & { readonly verb: 'create' | 'drop' | 'alter' | 'insert' },
		names: readonly ObjectName[],
		offset: number,
	): Buffer {
		const own = this.#name;
		const foreign = names.find(({ database }) => database !== undefined && database !== own);
		if (foreign !== undefined) throw namesDatabase(foreign, offset);
		if (own === undefined) return sql;
		if (kind.verb === 'insert') {
			return names[0]?.database === undefined ? sql : withoutOwner(sql, own, 1);
		}
		if (kind.verb !== 'drop' && kind.object === 'trigger') return withoutTriggerDatabase(sql, own);
		if (kind.verb === 'create' && kind.object === 'view') {
			return withoutViewDatabase(sql, own, names[0]?.name ?? '');
		}
		// In tables also what a foreign key or the default of a column refers to.
		const all = kind.verb === 'drop' || kind.object === 'table';
		if (!all && names[0]?.database === undefined) return sql;
		return withoutOwner(sql, own, all ? Number.POSITIVE_INFINITY : 1);
	}
}

function namesDatabase({ name, database }: ObjectName, offset: number): EngineError {
	return new EngineError(
		'sql_object_unsupported',
		`The dump holds a statement for ${database ?? ''}.${name ?? ''}, which is not loaded`,
		{
			remedy:
				'Only a dump of one database can be restored, and a name before a dot must be the one of its USE or CREATE DATABASE.',
			details: { offset, database: database ?? '' },
		},
	);
}

/** Takes `own`. out before names, at most `times` times. */
function withoutOwner(sql: Buffer, own: string, times: number): Buffer {
	const parts: Buffer[] = [];
	let at = 0;
	let left = times;
	let owner: Token | undefined;
	let [dotted, before] = [false, ''];
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (dotted && owner !== undefined) {
			parts.push(sql.subarray(at, owner.start));
			at = token.start;
			left -= 1;
		}
		if (left === 0) break;
		dotted = owner !== undefined && word === '.';
		if (!dotted) owner = before !== '.' && nameOf(sql, token) === own ? token : undefined;
		before = word;
	}
	return parts.length === 0 ? sql : Buffer.concat([...parts, sql.subarray(at)]);
}

/** ALTER DATABASE without a name means the one in use. */
function withoutName(sql: Buffer, name: string): Buffer {
	for (const token of tokens(sql)) {
		if (nameOf(sql, token) !== name || /^(ALTER|DATABASE|SCHEMA)$/.test(keyword(sql, token))) {
			continue;
		}
		return Buffer.concat([sql.subarray(0, token.start), sql.subarray(token.end)]);
	}
	return sql;
}
