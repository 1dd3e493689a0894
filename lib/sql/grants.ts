import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { ServerInfo } from './server-info.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/** The privileges of the account on everything, on the database, and on `mysql.proc`. */
export class Grants {
	readonly #global: ReadonlySet<string>;
	readonly #database: ReadonlySet<string>;
	readonly #procTable: ReadonlySet<string>;
	/** MySQL's partial revokes: what a global privilege does not cover on this database. */
	readonly #revoked: ReadonlySet<string>;

	constructor(lines: readonly string[], database: string) {
		const everywhere = new Set<string>();
		const here = new Set<string>();
		const proc = new Set<string>();
		const taken = new Set<string>();
		for (const line of lines) {
			const grant = parseGrant(line);
			if (grant === undefined) continue;
			const { schema, table, privileges, revoked } = grant;
			if (revoked) {
				if (schema === database) privileges.forEach((privilege) => taken.add(privilege));
				continue;
			}
			const add = (to: Set<string>) => privileges.forEach((privilege) => to.add(privilege));
			if (schema === '*') add(everywhere);
			else if (table === '*' && matchesPattern(database, schema)) add(here);
			if (matchesPattern('mysql', schema) && (table === '*' || table === 'proc')) add(proc);
		}
		this.#global = everywhere;
		this.#database = here;
		this.#procTable = proc;
		this.#revoked = taken;
	}

	/** On the whole database. */
	has(privilege: string): boolean {
		const everywhere = holds(this.#global, privilege) && !holds(this.#revoked, privilege);
		return everywhere || holds(this.#database, privilege);
	}

	hasGlobal(privilege: string): boolean {
		return holds(this.#global, privilege);
	}

	/** Bodies of all routines in MariaDB are in this table. */
	get readsProcTable(): boolean {
		return holds(this.#global, 'SELECT') || holds(this.#procTable, 'SELECT');
	}
}

/** Reads the grants of the account including those of its active roles. */
export async function readGrants(
	connection: SqlConnection,
	server: ServerInfo,
	database: string,
): Promise<Grants> {
	return new Grants(await readGrantLines(connection, server), database);
}

/** What SHOW GRANTS says, for any database. */
export async function readGrantLines(
	connection: SqlConnection,
	server: ServerInfo,
): Promise<readonly string[]> {
	let sql = 'SHOW GRANTS';
	// MariaDB lists the roles' grants by itself, MySQL (8 and later) when it is asked for.
	if (server.vendor === 'mysql' && server.major >= 8) {
		const { rows } = await connection.rows('SELECT CURRENT_ROLE()');
		const roles = text(rows[0]?.[0]);
		if (roles !== 'NONE') sql = `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`;
	}
	const { rows } = await connection.rows(sql);
	return rows.map((row) => text(row[0]));
}

function holds(privileges: ReadonlySet<string>, privilege: string): boolean {
	return privileges.has(privilege) || privileges.has('ALL PRIVILEGES') || privileges.has('ALL');
}

interface Grant {
	readonly revoked: boolean;
	readonly privileges: readonly string[];
	/** `*`, or a pattern with `%` and `_`. */
	readonly schema: string;
	readonly table: string;
}

/** `GRANT a, b (columns), … ON schema.table TO …` and such a REVOKE; other lines (roles, routines, proxies) give nothing. */
function parseGrant(line: string): Grant | undefined {
	const sql = Buffer.from(line, 'utf8');
	const all = [...tokens(sql)];
	const word = (token: Token | undefined) => keyword(sql, token);
	const revoked = word(all[0]) === 'REVOKE';
	if (!revoked && word(all[0]) !== 'GRANT') return undefined;
	const on = all.findIndex((token) => word(token) === 'ON');
	if (on < 0) return undefined;
	const privileges: string[] = [];
	let words: string[] = [];
	let depth = 0;
	let perColumn = false;
	for (const token of all.slice(1, on + 1)) {
		const current = word(token);
		if (current === '(') [depth, perColumn] = [depth + 1, true];
		else if (current === ')') depth -= 1;
		else if (depth === 0 && (current === ',' || current === 'ON')) {
			// A privilege on some columns is not one on the table.
			if (!perColumn) privileges.push(words.join(' '));
			[words, perColumn] = [[], false];
		} else if (depth === 0) words.push(current);
	}
	const [schema, dot, table] = all.slice(on + 1);
	if (word(dot) !== '.') return undefined;
	return { revoked, privileges, schema: partOf(sql, schema), table: partOf(sql, table) };
}

function partOf(sql: Buffer, token: Token | undefined): string {
	return nameOf(sql, token) ?? keyword(sql, token);
}

/** LIKE of the grant tables: `%`, `_`, and a backslash before a literal one. */
function matchesPattern(name: string, pattern: string): boolean {
	const source = pattern.replace(/\\?[^\\]|\\$/gsu, (piece) => {
		if (piece === '%') return '.*';
		if (piece === '_') return '.';
		return escapeRegExp(piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece);
	});
	return new RegExp(`^${source}$`, 'su').test(name);
}

function escapeRegExp(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
}
