import { describe, expect, test } from 'vitest';

import { checkDump } from '../../lib/sql/index.ts';
import { trailerLine } from '../../lib/sql/dump-trailer.ts';
import { chunksOf, context } from './sql-session.ts';

const BODY = `CREATE TABLE a (x INT);
INSERT INTO a (x) VALUES (1),(2);
DELIMITER ;;
CREATE PROCEDURE p() BEGIN SELECT 1; END;;
DELIMITER ;
`;
const TRAILER = trailerLine({ statements: 3, rows: 2 }, new Date(0));
const check = async (text: string) => await checkDump(chunksOf(Buffer.from(text)), context());

describe('a dump is checked to its end', () => {
	test('ours', async () => {
		expect(await check(BODY + TRAILER)).toMatchObject({
			statements: 3,
			rows: 2,
			tables: [{ name: 'a', rows: 2 }],
			routines: 1,
			origin: 'ours',
		});
	});

	test('one of mysqldump', async () => {
		const text = `${BODY}-- Dump completed on 2021-12-01 12:00:00\n`;
		expect(await check(text)).toMatchObject({ rows: 2, origin: 'foreign' });
	});

	test('cut anywhere it is truncated', async () => {
		const text = BODY + TRAILER;
		// Cut right there, all statements are complete, and mysqldump may end so.
		const acceptable = BODY.length + '-- Dump completed'.length;
		for (let length = 0; length < text.length - 1; length += 1) {
			if (length === acceptable || length === acceptable + 1) continue;
			await expect(check(text.slice(0, length)), `at ${length}`).rejects.toMatchObject({
				code: expect.stringMatching(/^artifact_(truncated|corrupt)$/) as string,
			});
		}
	});

	test('a lost statement or row is found by the totals', async () => {
		for (const part of ['CREATE TABLE a (x INT);\n', ',(2)']) {
			await expect(check(BODY.replace(part, '') + TRAILER)).rejects.toMatchObject({
				code: 'artifact_corrupt',
			});
		}
	});

	test('a cancel ends it', async () => {
		const work = checkDump(chunksOf(Buffer.from(BODY)), context(AbortSignal.abort()));
		await expect(work).rejects.toMatchObject({ code: 'cancelled' });
	});
});
