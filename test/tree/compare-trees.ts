import { type BigIntStats, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

import { mustRun } from '../servers/run-command.ts';

/** What a restore must bring back of one entry. Times in microseconds: finer ones cannot be set. */
function describe(
	path: Buffer,
	stats: BigIntStats,
	inodes: Map<string, string>,
	name: string,
): string {
	const mode = (stats.mode & 0o7777n).toString(8);
	const owner = `${stats.uid}:${stats.gid}`;
	const time = (stats.mtimeNs + 500n) / 1000n;
	if (stats.isSymbolicLink())
		return `link ${owner} ${time} ${readlinkSync(path, 'buffer').toString('hex')}`;
	if (stats.isDirectory()) return `folder ${mode} ${owner} ${time}`;
	const inode = `${stats.dev}:${stats.ino}`;
	const first = inodes.get(inode) ?? name;
	inodes.set(inode, first);
	const content = readFileSync(path).toString('base64');
	return `file ${mode} ${owner} ${time} same as ${first}: ${content}`;
}

/** Every entry below a folder by its name (one character per byte), the folder itself as `''`. */
function describeTree(root: string): Map<string, string> {
	const inodes = new Map<string, string>();
	const entries = new Map<string, string>();
	const waiting = [''];
	for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
		const path = Buffer.concat([Buffer.from(root), Buffer.from(`/${name}`, 'latin1')]);
		const stats = lstatSync(path, { bigint: true });
		entries.set(name, describe(path, stats, inodes, name));
		if (!stats.isDirectory()) continue;
		const names = readdirSync(path, 'buffer').map((entry) => entry.toString('latin1'));
		for (const below of names.sort().reverse())
			waiting.push(name === '' ? below : `${name}/${below}`);
	}
	return entries;
}

function withoutOwner(description: string): string {
	return description.replace(/ \d+:\d+ /, ' ');
}

function sameButForRounding(a: string, b: string): boolean {
	const [timesA, timesB] = [a, b].map((text) => /\d{13,}/.exec(text)?.[0] ?? '0');
	if (a.replace(timesA ?? '', '') !== b.replace(timesB ?? '', '')) return false;
	return Math.abs(Number(timesA) - Number(timesB)) <= 1;
}

/**
 * What differs between two trees, one line each: names, kinds, content, modes, times (1 µs), targets, and
 * owners where this process may set them.
 */
export function treeDifferences(
	before: string,
	after: string,
	{ owners = process.getuid?.() === 0 }: { readonly owners?: boolean } = {},
): string[] {
	const [a, b] = [describeTree(before), describeTree(after)];
	return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((name) => {
		const [was, is] = [a.get(name), b.get(name)].map((text) =>
			owners || text === undefined ? text : withoutOwner(text),
		);
		if (was !== undefined && is !== undefined && sameButForRounding(was, is)) return [];
		return [`${name}: ${was?.slice(0, 200) ?? 'missing'} → ${is?.slice(0, 200) ?? 'missing'}`];
	});
}

/** A copy that `treeDifferences` calls equal, made with the system's own tool. */
export async function copyTree(from: string, to: string): Promise<void> {
	await mustRun(['cp', '-a', from, to]);
}
