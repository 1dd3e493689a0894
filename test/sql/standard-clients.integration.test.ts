import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
	type PrivateServer,
	SERVER_IDS,
	contentDifferences,
	databaseContent,
	startPrivateServer,
} from '../servers/index.ts';
import { createZoo } from './object-zoo.ts';
import { dump } from './sql-session.ts';

const MODES = [
	'NO_BACKSLASH_ESCAPES',
	'ANSI_QUOTES',
	'ANSI',
	'TRADITIONAL',
	'NO_ZERO_DATE,NO_ZERO_IN_DATE,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO',
	'PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,PIPES_AS_CONCAT',
];
const CHARACTER_SETS = ['latin1', 'utf8mb3', 'cp1251', 'sjis', 'binary'];

describe.each(SERVER_IDS)('a dump loads by the standard client into %s', (id) => {
	const [source, target] = ['odd_source', 'odd_target'];
	let running: PrivateServer;

	beforeAll(async () => {
		running = await startPrivateServer(id);
		await createZoo(running.server, source);
	});
	afterAll(async () => await running.stop());

	const SETTINGS = [
		'sql_mode',
		'character_set_server',
		'time_zone',
		'autocommit',
		'sql_select_limit',
	];
	/** Loads under these global defaults of the server and says what came back otherwise. */
	const lost = async (defaults: string, clientArguments: readonly string[] = []) => {
		const { server } = running;
		const before = await server.sql(
			`SELECT ${SETTINGS.map((name) => `@@GLOBAL.${name}`).join(', ')}`,
		);
		const { sql } = await dump(server, source);
		await server.dropDatabase(target);
		await server.sql(`${defaults}; CREATE DATABASE ${target}`);
		const load = await server.client(['--binary-mode', ...clientArguments, target], { stdin: sql });
		const values = before.trimEnd().split('\t');
		const back = SETTINGS.map((name, at) => {
			const value = values[at] ?? '';
			return `@@GLOBAL.${name}=${/^\d+$/.test(value) ? value : `'${value}'`}`;
		});
		await server.sql(`SET ${back.join(', ')}`);
		expect(load.stderr).toBe('');
		expect(load.code).toBe(0);
		const lines = contentDifferences(
			await databaseContent(server, source),
			await databaseContent(server, target),
		);
		return lines.filter((line) => {
			// Its time of change is a column, and is the time of the restore.
			if (line.startsWith('explicit_versioned differs: 1 rows')) return false;
			// MySQL prints a column's character set from the second time on, though nothing differs.
			const [was, is] = line.replaceAll('CHARACTER SET utf8mb4 COLLATE', 'COLLATE').split(' → ');
			return is === undefined || was?.endsWith(is) !== true;
		});
	};

	test.each(MODES)('with the sql_mode %s as its default', async (mode) => {
		expect(await lost(`SET GLOBAL sql_mode='${mode}'`)).toEqual([]);
	});

	test.each(CHARACTER_SETS)('with the character set %s as its default', async (characterSet) => {
		const defaults = `SET GLOBAL character_set_server=${characterSet}`;
		const client = characterSet === 'binary' ? 'latin1' : characterSet;
		expect(await lost(defaults, [`--default-character-set=${client}`])).toEqual([]);
	});

	test('with other time zone, checks and limits as its defaults', async () => {
		expect(
			await lost(
				"SET GLOBAL time_zone='+09:00'; SET GLOBAL autocommit=0; SET GLOBAL unique_checks=0; SET GLOBAL sql_select_limit=1",
			),
		).toEqual([]);
	});
});
