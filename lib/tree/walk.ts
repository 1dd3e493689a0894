import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';

import { EngineError, type PathPolicyPort, fileError, throwIfAborted } from '../core/index.ts';
import { type BytePath, fromText, toBuffer, toText } from './byte-path.ts';

/** Something found in the tree. */
export interface TreeEntry {
	/** Below the root; empty for the root itself. */
	readonly path: BytePath;
	/** To be opened. */
	readonly fullPath: Buffer;
	readonly stats: BigIntStats;
}

export interface WalkOptions {
	readonly root: string;
	readonly displayRoot: string;
	readonly paths: PathPolicyPort;
	readonly signal: AbortSignal;
}

/** Paths per question to the policy, whose answer comes from another thread. */
const POLICY_BATCH = 500;

function blocked(path: string): EngineError {
	return new EngineError('path_blocked', `n8n may not access ${path}`, {
		remedy:
			'It matches N8N_BLOCK_FILE_PATTERNS or lies in a folder that n8n protects. ' +
			'Change that setting, or take it out of the file root: a backup without it would not be whole.',
		details: { path },
	});
}

async function assertAllowed(
	folder: BytePath,
	names: readonly BytePath[],
	options: WalkOptions,
): Promise<void> {
	const display = names.map((name) => `${options.displayRoot}/${toText(joined(folder, name))}`);
	for (let at = 0; at < display.length; at += POLICY_BATCH) {
		const batch = display.slice(at, at + POLICY_BATCH);
		const index = (await options.paths.blocked(batch)).indexOf(true);
		if (index >= 0) throw blocked(batch[index] ?? '');
	}
}

function joined(folder: BytePath, name: BytePath): BytePath {
	return folder === '' ? name : `${folder}/${name}`;
}

/** Names in the order of their bytes, so that two archives of one tree are the same. */
function namesIn(fullPath: Buffer): BytePath[] {
	return readdirSync(fullPath, 'buffer')
		.map((name) => name.toString('latin1'))
		.sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Every entry below a folder, the folder itself first, parents before what they contain. Links are not
 * followed. Throws `tree_entry_unreadable`, `path_blocked`, `cancelled`.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<TreeEntry> {
	const base = fromText(options.root);
	const full = (path: BytePath): Buffer => toBuffer(path === '' ? base : `${base}/${path}`);
	const look = (path: BytePath): TreeEntry => {
		const fullPath = full(path);
		return { path, fullPath, stats: lstatSync(fullPath, { bigint: true }) };
	};
	const waiting: BytePath[] = [''];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		throwIfAborted(options.signal);
		const entry = readable(path, options, () => look(path));
		yield entry;
		if (!entry.stats.isDirectory()) continue;
		const names = readable(path, options, () => namesIn(entry.fullPath));
		await assertAllowed(path, names, options);
		for (const name of names.reverse()) waiting.push(joined(path, name));
	}
}

/** Runs a file operation on an entry; its failure is told as `tree_entry_unreadable`. */
export function readable<T>(
	path: BytePath,
	{ displayRoot }: Pick<WalkOptions, 'displayRoot'>,
	operation: () => T,
): T {
	try {
		return operation();
	} catch (error) {
		if (error instanceof EngineError) throw error;
		const display = path === '' ? displayRoot : `${displayRoot}/${toText(path)}`;
		const cause = fileError(error, display);
		throw new EngineError('tree_entry_unreadable', `${display} cannot be read: ${cause.message}`, {
			remedy:
				'Give the account that runs n8n the right to read it, or archive while nobody changes the files.',
			details: { path: display },
			cause: error,
		});
	}
}
