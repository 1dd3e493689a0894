import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { EngineError } from '../../lib/core/index.ts';
import {
	type DumpContentOptions,
	type SqlEndpoint,
	dumpDatabase,
	inspectDatabase,
} from '../../lib/sql/index.ts';
import { loadRealBackup } from '../fixtures/load-real-backup.ts';
import { type ServerId, contentDifferences, databaseContent, servers } from '../servers/index.ts';
import { TOOL, context, endpointOf } from './sql-session.ts';

const DATABASE = 'rights';
const BASE = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'];
/** What shows the bodies of routines that belong to others, each enough by itself. */
const BODIES: Readonly<Record<ServerId, readonly string[]>> = {
	mariadb10: ['SELECT ON mysql.proc'],
	mariadb11: [`SHOW CREATE ROUTINE ON \`${DATABASE}\`.*`, 'SELECT ON mysql.proc'],
	mysql9: ['SHOW_ROUTINE ON *.*'],
};

describe.each(servers())('the smallest rights on $id', (server) => {
	const account: SqlEndpoint = { ...endpointOf(server), user: 'small', password: 'small-secret' };
	const target = 'rights_restored';

	beforeAll(async () => {
		await loadRealBackup(server, DATABASE);
		await server.sql(
			`CREATE DEFINER='caosdb'@'%' VIEW names AS SELECT value FROM name_data;
			CREATE DEFINER='caosdb'@'%' TRIGGER counted BEFORE INSERT ON roles FOR EACH ROW SET @roles = 1;
			CREATE DEFINER='caosdb'@'%' EVENT sleeping ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' DISABLE DO SET @x = 1;`,
			DATABASE,
		);
	});
	beforeEach(async () => {
		await server.sql(
			"DROP USER IF EXISTS small@'%'; CREATE USER small@'%' IDENTIFIED BY 'small-secret'",
		);
	});
	afterAll(async () => {
		await server.sql("DROP USER IF EXISTS small@'%'");
		await server.dropDatabase(DATABASE);
		await server.dropDatabase(target);
	});

	const grant = async (rights: readonly string[]) => {
		for (const right of rights) {
			const on = right.includes(' ON ') ? right : `${right} ON \`${DATABASE}\`.*`;
			await server.sql(`GRANT ${on} TO small@'%'`);
		}
	};
	const open = async (content: DumpContentOptions = {}) =>
		await dumpDatabase({ endpoint: account, database: DATABASE, tool: TOOL, content }, context());
	const dumpWith = async (content: DumpContentOptions = {}) => {
		const source = await open(content);
		const parts: Uint8Array[] = [];
		for await (const chunk of source.chunks) parts.push(chunk);
		return { sql: Buffer.concat(parts), summary: source.summary() };
	};
	/** The error of a dump that must fail before its first byte. */
	const refusal = async (content: DumpContentOptions = {}): Promise<EngineError> => {
		const caught: unknown = await open(content).then(
			() => undefined,
			(error: unknown) => error,
		);
		if (!error(caught)) throw new Error(`the dump began: ${String(caught)}`);
		return caught;
	};
	const error = (caught: unknown): caught is EngineError => caught instanceof EngineError;
	/** An administrator follows the remedy to the letter. */
	const follow = async (statements: string) => void (await server.sql(statements));

	test.each(BODIES[server.id])('the base and %s make a dump with everything', async (right) => {
		await grant([...BASE, right]);
		const { sql, summary } = await dumpWith();
		expect(summary.tables).toHaveLength(50);
		expect(summary.routines).toHaveLength(87);
		expect(summary).toMatchObject({ views: ['names'], events: ['sleeping'] });
		await server.dropDatabase(target);
		await server.sql(`CREATE DATABASE ${target}`);
		await server.sql(sql, target);
		expect(
			contentDifferences(
				await databaseContent(server, DATABASE),
				await databaseContent(server, target),
			),
		).toEqual([]);
		const found = await inspectDatabase({ endpoint: account, database: DATABASE }, context());
		expect(found).toMatchObject({ problems: [], missingGrants: [] });
	});

	test.each(BASE)('without %s the error names it and the GRANT', async (missing) => {
		const [right = ''] = BODIES[server.id];
		await grant([...BASE.filter((privilege) => privilege !== missing), right]);
		const refused = await refusal();
		expect(refused.code).toBe('sql_privilege_missing');
		expect(refused.message).toContain(missing);
		expect(refused.message).toContain(DATABASE);
		expect(refused.remedy).toContain(
			`GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`${DATABASE}\`.* TO 'small'@'%';`,
		);
		await follow(String(refused.details.grant));
		expect((await dumpWith()).summary.routines).toHaveLength(87);
	});

	test('without the right to see routines the error names the GRANT', async () => {
		await grant(BASE);
		const unseen = await refusal();
		expect(unseen).toMatchObject({ code: 'sql_privilege_missing' });
		expect(unseen.message).toContain('has routines');
		await grant(['EXECUTE']);
		const hidden = await refusal();
		expect(hidden).toMatchObject({ code: 'sql_privilege_missing' });
		expect(hidden.message).toMatch(/The body of function \w+ is hidden from small@%/);
		expect(hidden.details.grant).toBe(unseen.details.grant);
		await follow(String(hidden.details.grant));
		expect((await dumpWith()).summary.routines).toHaveLength(87);
	});

	test('without any right on the database', async () => {
		expect((await refusal()).code).toBe('sql_privilege_missing');
	});

	test('what stays out needs no right', async () => {
		await grant(['SELECT']);
		const content = { routines: false, triggers: false, events: false, views: false };
		const { summary } = await dumpWith(content);
		expect(summary.tables).toHaveLength(50);
		// The account cannot know of what it does not see, so nothing of it can be listed.
		expect(summary.routines).toEqual([]);
		await grant(['TRIGGER']);
		const refused = await refusal({ ...content, triggers: true, events: true });
		expect(refused.message).toContain('lacks EVENT on');
		expect(refused.message).not.toContain('SHOW VIEW');
	});

	test.each([
		['nothing', []],
		['SELECT', ['SELECT']],
		['all but the bodies', ['SELECT', 'EVENT', 'EXECUTE']],
	] as const)(
		'with %s, Inspect lists every missing GRANT at once; after them all works',
		async (_what, rights) => {
			await grant(rights);
			const before = await inspectDatabase({ endpoint: account, database: DATABASE }, context());
			expect(before.problems.length).toBeGreaterThan(0);
			expect(before.missingGrants).toHaveLength(2);
			await follow(before.missingGrants.join(' '));
			const after = await inspectDatabase({ endpoint: account, database: DATABASE }, context());
			expect(after).toMatchObject({ problems: [], missingGrants: [] });
			expect(after.snapshot).toEqual({ reload: false, lockTables: false });
			await follow(after.recommendedGrants.join(' '));
			const best = await inspectDatabase({ endpoint: account, database: DATABASE }, context());
			expect(best.snapshot).toEqual({ reload: true, lockTables: true });
			expect(best.recommendedGrants).toEqual([]);
			expect((await dumpWith()).summary.routines).toHaveLength(87);
		},
	);
});
