import { quoteIdentifier } from './identifiers.ts';
import { type Token, keyword, nameOf, tokens } from './tokens.ts';

/** The beginning of an INSERT with a list of rows. */
export interface InsertHead {
	/** `(a, b)`, or nothing. */
	readonly columns: Buffer;
	/** Names in the list; none when there is no list. */
	readonly names: readonly string[];
	/** Where the rows begin: after VALUES. */
	readonly rowsAt: number;
}

/** `undefined` for anything else than INSERT INTO … VALUES. */
export function insertHead(sql: Buffer): InsertHead | undefined {
	const names: string[] = [];
	let open: Token | undefined;
	let columns: Buffer = Buffer.alloc(0);
	for (const token of tokens(sql)) {
		const word = keyword(sql, token);
		if (word === 'VALUES' || word === 'VALUE') return { columns, names, rowsAt: token.end };
		if (word === '(') open = token;
		else if (word === ')' && open !== undefined) columns = sql.subarray(open.start, token.end);
		else if (open !== undefined && word !== ',') names.push(nameOf(sql, token) ?? '');
		else if (word === 'SELECT' || word === 'SET') return undefined;
	}
	return undefined;
}

/** The statement that takes what `rowsAsLines` makes. */
export function loadStatement(table: string, { columns }: InsertHead): Buffer {
	const head = `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quoteIdentifier(table)} CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' `;
	return Buffer.concat([Buffer.from(head, 'utf8'), columns]);
}
