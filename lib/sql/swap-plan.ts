import { EngineError } from '../core/index.ts';
import { inDatabase } from './catalog.ts';
import { text } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { DatabaseParts } from './database-programs.ts';
import { quoteText } from './identifiers.ts';

/**
 * All that a swap needs, written down before its first change: with it any later run can finish the swap
 * or take it back, whatever was done of it.
 */
export interface SwapPlan {
	readonly target: string;
	/** Holds the new content: a staging database, or a kept one that is rolled back to. */
	readonly source: string;
	/** `staging` goes in any case, `kept` stays when the swap is taken back. */
	readonly sourceRole: 'staging' | 'kept';
	/** Gets the old content; `null` when there is none. */
	readonly kept: string | null;
	/** False: the target did not exist. */
	readonly targetExisted: boolean;
	readonly old: DatabaseParts;
	readonly fresh: DatabaseParts;
}

interface EncodedBytes {
	readonly base64: string;
}

/** Bytes as base64, all else as JSON. */
export function encodePlan(plan: SwapPlan): Buffer {
	const encode = (_key: string, value: unknown): unknown => {
		// JSON.stringify has called Buffer's toJSON before it asks here.
		const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
		if (type !== 'Buffer' || !Array.isArray(data)) return value;
		return { base64: Buffer.from(data as number[]).toString('base64') } satisfies EncodedBytes;
	};
	return Buffer.from(JSON.stringify(plan, encode));
}

export function decodePlan(bytes: Buffer): SwapPlan {
	const decode = (_key: string, value: unknown): unknown => {
		const { base64 } = (value ?? {}) as { base64?: unknown };
		return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : value;
	};
	return JSON.parse(bytes.toString('utf8'), decode) as SwapPlan;
}

/**
 * A foreign key of a third database follows the table that it points to, so after a swap it would watch
 * the old content. Throws `sql_object_unsupported` when there is one.
 */
export async function refuseForeignReferences(
	connection: SqlConnection,
	target: string,
): Promise<void> {
	const { rows } = await connection.rows(
		`SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE ${inDatabase('REFERENCED_TABLE_SCHEMA', target)} AND TABLE_SCHEMA <> ${quoteText(target)} LIMIT 5`,
	);
	const [first] = rows;
	if (first === undefined) return;
	const name = `${text(first[0])}.${text(first[1])}`;
	throw new EngineError(
		'sql_object_unsupported',
		`Table ${name} has a foreign key (${text(first[2])}) to database ${target}`,
		{
			remedy:
				'It would point to the old content after the restore. Drop the foreign key, restore, and make it again.',
			details: { table: name, constraint: text(first[2]) },
		},
	);
}
