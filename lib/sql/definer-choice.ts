import { withDefiner } from './ddl-edits.ts';
import { type DumpDefiners, definerAccount } from './dump-content.ts';

/** The definition of a view, routine, trigger or event, owned by whom the user chose. */
export function ownedBy(sql: Buffer, definers: DumpDefiners): Buffer {
	if (definers.mode === 'keep') return sql;
	return withDefiner(
		sql,
		definers.mode === 'replace' ? definerAccount(definers.account) : undefined,
	);
}
