import { EngineError } from '../core/index.ts';
import { hasQuotedName, namesEndAt, withBackticks } from './ansi-names.ts';
import { truncatedDump, unmarkedDump } from './dump-errors.ts';
import { DumpTally } from './dump-tally.ts';
import { endsWithTrailer, parseTrailer } from './dump-trailer.ts';
import { SqlModeFollower } from './sql-mode-follower.ts';
import { type StatementKind, statementKind } from './statement-kind.ts';
import { type Statement, StatementLexer } from './statement-lexer.ts';

/**
 * `ours`: written by this package, with totals that agree. `foreign`: with the last line of mysqldump and
 * mariadb-dump. `unmarked`: without any; that it was cut between two statements cannot be seen.
 */
export type DumpOrigin = 'ours' | 'foreign' | 'unmarked';

export interface DumpReaderOptions {
	/** See StatementLexer. */
	readonly keepBytes?: number;
	/** False: a dump of a program that writes no last line is taken. Default true. */
	readonly requireEnd?: boolean;
	/** Shared by the readers of the parts of one dump. */
	readonly tally?: DumpTally;
}

export interface ReadStatement {
	readonly statement: Statement;
	readonly kind: StatementKind;
	/** Rows that it inserts. */
	readonly rows: number;
}

/**
 * Reads a dump statement by statement, counts, and proves its end. Take all of `push` before the next
 * chunk: a statement may change how the bytes after it are read.
 */
export class DumpReader {
	readonly tally: DumpTally;
	bytes = 0;
	readonly #lexer: StatementLexer;
	readonly #sqlMode = new SqlModeFollower();

	readonly #requireEnd: boolean;

	constructor({ keepBytes, requireEnd = true, tally }: DumpReaderOptions = {}) {
		this.tally = tally ?? new DumpTally();
		this.#lexer = new StatementLexer(keepBytes);
		this.#requireEnd = requireEnd;
	}

	*push(chunk: Uint8Array): Generator<ReadStatement> {
		this.bytes += chunk.byteLength;
		for (const statement of this.#lexer.push(chunk)) yield this.#read(statement);
	}

	/**
	 * Call after the last chunk. Throws `artifact_truncated` when the dump does not end with its trailer,
	 * `artifact_corrupt` when the totals in the trailer differ from what was read.
	 */
	*end(): Generator<ReadStatement, DumpOrigin> {
		for (const statement of this.#lexer.end()) yield this.#read(statement);
		const trailer = parseTrailer(this.#lexer.lastComment);
		if (trailer === undefined) {
			const head = this.#lexer.headComment ?? '';
			if (this.#lexer.endsOpen || this.tally.statements === 0 || endsWithTrailer(head)) {
				throw truncatedDump(this.bytes);
			}
			if (this.#requireEnd) throw unmarkedDump(this.bytes);
			return 'unmarked';
		}
		if (trailer === 'foreign') return 'foreign';
		const { statements, rows } = this.tally;
		if (trailer.statements === statements && trailer.rows === rows) return 'ours';
		throw new EngineError(
			'artifact_corrupt',
			'The SQL dump does not hold what its last line says',
			{
				remedy: 'The file was changed or damaged. Use another copy.',
				details: {
					statements,
					rows,
					expectedStatements: trailer.statements,
					expectedRows: trailer.rows,
				},
			},
		);
	}

	/** Call after the last chunk of a part that ends with a whole statement. Throws `artifact_truncated`. */
	*endPart(): Generator<ReadStatement> {
		for (const statement of this.#lexer.end()) yield this.#read(statement);
		if (this.#lexer.endsOpen) throw truncatedDump(this.bytes);
	}

	#read(statement: Statement): ReadStatement {
		const kind = statementKind(statement.bytes);
		if (kind.verb === 'set') this.#followSqlMode(statement.bytes);
		const ansi = this.#sqlMode.ansiQuotes && kind.verb !== 'set';
		if (ansi || hasQuotedName(kind)) return this.#readAnsi(statement, kind);
		return { statement, kind, rows: this.tally.add(statement, kind) };
	}

	/** Everything after this knows names in backticks only. */
	#readAnsi(given: Statement, seen: StatementKind): ReadStatement {
		const bytes = withBackticks(given.bytes, namesEndAt(seen));
		const statement = { ...given, bytes, length: given.length + bytes.length - given.bytes.length };
		const kind = statementKind(bytes);
		return { statement, kind, rows: this.tally.add(statement, kind) };
	}

	#followSqlMode(sql: Buffer): void {
		this.#sqlMode.follow(sql);
		this.#lexer.noBackslashEscapes = this.#sqlMode.noBackslashEscapes;
		this.#lexer.ansiQuotes = this.#sqlMode.ansiQuotes;
	}
}
