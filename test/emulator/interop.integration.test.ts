import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { openWorld, runScenario } from './scenario.ts';

/** Functions of `python/<module>.py` that need nothing but a fresh server. */
const SCENARIOS = {
	data_model: [
		...['in_one_request', 'records_in_a_circle', 'names_stand_for_ids', 'values_come_back'],
		...['one_and_many', 'obligatory', 'inheritance', 'properties_of_properties'],
		'query_templates',
	],
	changes: [
		...['update_replaces', 'unchanged_update', 'update_many_at_once', 'one_fault_stops_all'],
		...['delete', 'delete_what_is_needed', 'delete_in_chunks'],
	],
	queries: [
		...['by_type_name_and_id', 'by_value', 'by_date', 'by_reference', 'by_transaction', 'select'],
		...['bad_queries', 'unique', 'pages', 'pages_of_a_changing_database', 'short_page', 'cache'],
		'many_ids_at_once',
	],
	files: [
		...['upload_and_download', 'many_files_in_one_request', 'short_content_length'],
		...['change_of_a_file', 'refused_files', 'folder', 'damaged_download'],
		...['files_of_the_server', 'consistency_check'],
	],
	versions: ['chain', 'old_versions', 'bring_back', 'versioned_references'],
	permissions: [
		...['acl', 'hidden_entities', 'files', 'global_acl', 'users', 'roles', 'permission_rules'],
	],
	errors: [
		...['entity_does_not_exist', 'unqualified_properties', 'unqualified_parents', 'no_datatype'],
		...['unknown_datatype', 'name_not_unique', 'wrong_values', 'wrong_references', 'strict'],
		...['required', 'own_parent'],
	],
	faults: [
		...['cut_connections', 'statuses', 'ended_session', 'no_documents', 'refused_in_a_batch'],
		...['answers_without_ids', 'ids_that_are_no_numbers', 'slow', 'after_some'],
	],
	sessions: ['login'],
	tools: ['many_by_id', 'comparison', 'administration'],
} as const;

/** Functions that other tests run, with settings of their own. */
const ELSEWHERE = [
	...[
		'files.export_and_import',
		'files.upload_when_the_session_has_ended',
		'queries.pages_of_many',
	],
	...['sessions.token', 'sessions.anonymous'],
];

it('every scenario is run', async () => {
	const listed = Object.entries(SCENARIOS).flatMap(([module, names]) =>
		names.map((name) => `${module}.${name}`),
	);
	const written: string[] = [];
	for (const module of Object.keys(SCENARIOS)) {
		const path = join(import.meta.dirname, 'python', `${module}.py`);
		const found = (await readFile(path, 'utf8')).matchAll(/^def (\w+)\(_?settings\):/gm);
		for (const [, name = ''] of found) written.push(`${module}.${name}`);
	}
	expect([...listed, ...ELSEWHERE].sort()).toEqual(
		written.filter((name) => name !== 'permissions.as_curator').sort(),
	);
});

describe.each(Object.entries(SCENARIOS))('the official client: %s', (module, scenarios) => {
	it.each(scenarios)('%s', async (scenario) => {
		await runScenario(await openWorld(), `${module}.${scenario}`);
	});
});

describe('the official client, with other settings', () => {
	it('reads indented answers', async () => {
		const world = await openWorld({ pretty: true });
		await runScenario(world, 'data_model.values_come_back');
	});

	it('writes back an ACL that has the global rules', async () => {
		const world = await openWorld({ mergeGlobalAcl: true });
		await runScenario(world, 'permissions.hidden_entities');
	});

	it('finds a server that has a context root', async () => {
		const world = await openWorld({ contextRoot: '/lab/linkahead' });
		await runScenario(world, 'files.upload_and_download');
		await runScenario(world, 'sessions.login');
	});

	it('works with an authentication token', async () => {
		const world = await openWorld();
		const token = world.emulator.authToken('curator');
		await runScenario(world, 'sessions.token', { token });
	});

	it('cannot go on when its token is used up', async () => {
		const world = await openWorld();
		const token = world.emulator.authToken('curator', { maxReplays: 0 });
		await expect(runScenario(world, 'sessions.token', { token })).rejects.toThrow('LoginFailed');
	});

	it('repeats an upload without its body when its session has ended', async () => {
		const world = await openWorld({ readTimeout: 1000 });
		await runScenario(world, 'files.upload_when_the_session_has_ended');
	});

	it('reads without a login where that is allowed', async () => {
		await runScenario(await openWorld({ allowAnonymous: true }), 'sessions.anonymous');
	});

	it('exports with its own tool and imports into another server', async () => {
		const [world, other] = [await openWorld(), await openWorld()];
		await runScenario(world, 'files.export_and_import', { other: other.emulator.url });
		const names = [...other.emulator.store.heads()].map(({ name }) => name);
		expect(names).toEqual(
			expect.arrayContaining(['Kind', 'data', 'friends', 'file', 'one', 'two']),
		);
	});
});
