import { stat } from 'node:fs/promises';

import { fileSha512 } from './file-store.ts';
import { messageElement, unspecific } from './messages.ts';
import type { StoredFile } from './model.ts';
import type { ServerState } from './server-state.ts';
import { type XmlElement, element } from './xml-node.ts';

async function problemOf(
	{ path, size, checksum, isFolder }: StoredFile,
	diskPath: string,
): Promise<string | null> {
	const status = await stat(diskPath).catch(() => null);
	if (status === null) return `${path}: File is missing.`;
	if (isFolder) return null;
	if (status.size !== size) return `${path}: Size has changed.`;
	return (await fileSha512(diskPath)) === checksum ? null : `${path}: Checksum has changed.`;
}

/** Messages about files that are missing or differ; one Info when all is well. */
export async function checkFileStorage(
	options: string,
	{ store, files }: ServerState,
): Promise<XmlElement[]> {
	const folder = options.replace(/-t\s*\d+/, '').trim();
	const problems: string[] = [];
	for (const { file } of store.heads()) {
		if (file === null || !file.path.startsWith(folder)) continue;
		const problem = await problemOf(file, files.diskPath(file.path));
		if (problem !== null) problems.push(problem);
	}
	if (problems.length > 0) {
		return problems.map((problem) => messageElement({ ...unspecific(problem), kind: 'Warning' }));
	}
	return [element('Info', { code: 0, description: 'File system is consistent.' })];
}
