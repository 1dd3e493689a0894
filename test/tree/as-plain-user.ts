import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

const NOBODY = 65534;

export interface Answer {
	readonly value?: unknown;
	readonly error?: { readonly code: string; readonly message: string; readonly remedy?: string };
}

/**
 * Runs the statements of an async function body in a process without root's rights, with `tree` (the
 * engine) and `bytes` (archive-bytes.ts) at hand. `folder` is given to that user: nobody, unless another
 * number is given.
 */
export function asPlainUser(folder: string, body: string, user = NOBODY): Answer {
	const isRoot = process.getuid?.() === 0;
	if (isRoot) chownSync(folder, user, user);
	const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
	const script = `
		const tree = await import(${url('../../lib/tree/index.ts')});
		const bytes = await import(${url('./archive-bytes.ts')});
		const run = async () => { ${body} };
		const answer = await run().then(
			(value) => ({ value }),
			({ code, message, remedy }) => ({ error: { code, message, remedy } }),
		);
		process.stdout.write(JSON.stringify(answer));
	`;
	const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
		encoding: 'utf8',
		...(isRoot ? { uid: user, gid: user } : {}),
	});
	if (result.status !== 0) throw new Error(result.stderr);
	return JSON.parse(result.stdout) as Answer;
}
