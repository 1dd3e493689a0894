import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { debianTool } from '../servers/debian-tool.ts';
import { mustRun } from '../servers/run-command.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { asPlainUser } from './as-plain-user.ts';

/** As the CaosDB server's account in its container. */
const SERVER = 999;
/** No account of any machine has it. */
const NAMELESS = 54_321;

async function closedRoot(): Promise<{ folder: string; root: string }> {
	const folder = await temporaryFolder();
	chmodSync(folder, 0o755);
	const root = join(folder, "the server's root");
	mkdirSync(join(root, 'images'), { recursive: true });
	writeFileSync(join(root, 'images/x.png'), 'x');
	for (const [path, mode] of [
		['images/x.png', 0o640],
		['images', 0o750],
	] as const) {
		chmodSync(join(root, path), mode);
		chownSync(join(root, path), SERVER, SERVER);
	}
	return { folder, root };
}

function inspection(root: string): string {
	const selection = JSON.stringify({ root, displayRoot: root });
	return `return await tree.inspectTree(${selection}, bytes.CONTEXT);`;
}

interface Found {
	readonly unreadableEntries: number;
	readonly files: number;
	readonly readRemedy?: string;
}

/** Only root can make files that belong to others, and run as somebody else. */
describe.runIf(process.getuid?.() === 0)('the commands that an inspection prints', () => {
	it('let the account of n8n read, by access lists', async () => {
		const { folder, root } = await closedRoot();
		const own = join(folder, 'own');
		mkdirSync(own);
		const before = asPlainUser(own, inspection(root), NAMELESS).value as Found;
		expect(before).toMatchObject({ files: 0, unreadableEntries: 1 });
		const [, command = ''] = /^sudo (setfacl .*) \(or, /.exec(before.readRemedy ?? '') ?? [];
		expect(command).toContain(`-m u:${NAMELESS}:rX`);
		const [program = '', ...first] = await debianTool({ program: 'setfacl', package: 'acl' });
		const run = [program, ...first].map((word) => `'${word}'`).join(' ');
		await mustRun(['sh', '-c', command.replace(/^setfacl/, run)]);
		const after = asPlainUser(own, inspection(root), NAMELESS).value as Found;
		expect(after).toMatchObject({ files: 1, unreadableEntries: 0 });
		expect(after).not.toHaveProperty('readRemedy');
	});

	it('let it read by the group of the files', async () => {
		const { folder, root } = await closedRoot();
		chmodSync(join(root, 'images'), 0o700);
		const own = join(folder, 'own');
		mkdirSync(own);
		const before = asPlainUser(own, inspection(root), SERVER + 1).value as Found;
		const [, command = ''] = /without access lists: sudo (chmod .*), and run/.exec(
			before.readRemedy ?? '',
		) ?? [''];
		await mustRun(['sh', '-c', command]);
		const script = `exec setpriv --reuid=${SERVER + 1} --regid=${SERVER} --clear-groups cat "$0"`;
		const read = await mustRun(['sh', '-c', script, join(root, 'images/x.png')]);
		expect(read.toString()).toBe('x');
	});
});
