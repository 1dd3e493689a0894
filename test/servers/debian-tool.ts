import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { bundledProgram, debianFolder } from './debian-packages.ts';

/** A standard tool that Debian has as a package. */
export interface DebianTool {
	readonly program: string;
	readonly package: string;
	/** Debian's stable release unless given. */
	readonly suite?: string;
}

const FOLDERS = ['usr/bin', 'usr/sbin', 'bin', 'sbin'];

/** The command of a tool: from PATH, else from Debian's package, unpacked into the cache. */
export async function debianTool(tool: DebianTool): Promise<string[]> {
	const onPath = (process.env.PATH ?? '').split(':').map((folder) => join(folder, tool.program));
	const installed = onPath.find((path) => existsSync(path));
	if (installed !== undefined) return [installed];
	const suite = tool.suite ?? 'bookworm';
	const name = `debian-${suite}-${tool.package}`;
	const root = await debianFolder({ name, suite, packages: [tool.package] });
	const found = FOLDERS.map((folder) => join(folder, tool.program)).find((path) =>
		existsSync(join(root, path)),
	);
	if (found === undefined) {
		throw new Error(`Debian's package ${tool.package} has no program ${tool.program}`);
	}
	return bundledProgram(root, found);
}
