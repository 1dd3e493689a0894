import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { allOf } from '../entity/import-world.ts';
import { ADMIN, type Emulator } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/* A type, and records without names that refer to each other in a chain. */
const RECORDS = 12;
/** Some thirty processes. */
const DEADLINE_MS = 300_000;
const DOCUMENT = [
	'<Entities><RecordType id="-101" name="Sample"/>',
	...Array.from(
		{ length: RECORDS },
		(_none, index) =>
			`<Record id="-${200 + index}"><Parent id="-101"/><Property id="-101" name="Sample" datatype="Sample">${index === 0 ? '' : `-${199 + index}`}</Property></Record>`,
	),
	'</Entities>',
].join('\n');

function start(emulator: Emulator, folder: string): ChildProcess {
	const program = join(import.meta.dirname, 'import-process.ts');
	const args = [program, emulator.url, ADMIN.name, ADMIN.password, folder];
	return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** How many requests came since the faults were set. */
function requests(emulator: Emulator): number {
	return emulator.faults.list()[0]?.seen ?? 0;
}

/** Every record but the first refers to another one: one chain through all of them. */
async function expectOneChain(emulator: Emulator): Promise<void> {
	const records = (await allOf(emulator)).filter(({ role }) => role === 'Record');
	expect(records).toHaveLength(RECORDS);
	const next = new Map(records.map(({ id, properties }) => [id, properties[0]?.value]));
	const targets = [...next.values()].filter((value) => value !== null);
	expect(new Set(targets).size).toBe(RECORDS - 1);
	expect(targets.every((target) => next.has(String(target)))).toBe(true);
}

test(
	'an import that is killed at any request goes on in the next run without a duplicate',
	async () => {
		for (let at = 1; ; at++) {
			const { emulator } = await testEmulator();
			const folder = await temporaryFolder();
			writeFileSync(join(folder, 'caosdb_data.xml'), DOCUMENT);
			emulator.faults.add({ fault: { kind: 'slow', delay: 40 }, times: 0 });
			const killed = start(emulator, folder);
			const exit = once(killed, 'exit');
			while (requests(emulator) < at && killed.exitCode === null) await sleep(2);
			killed.kill('SIGKILL');
			await exit;
			emulator.faults.clear();
			const isComplete = killed.exitCode === 0;
			const again = start(emulator, folder);
			let said = '';
			again.stderr?.on('data', (chunk) => (said += String(chunk)));
			const [code] = (await once(again, 'exit')) as [number];
			expect([at, code, said]).toEqual([at, 0, '']);
			await expectOneChain(emulator);
			if (isComplete) return expect(at).toBeGreaterThan(5);
		}
	},
	DEADLINE_MS,
);
