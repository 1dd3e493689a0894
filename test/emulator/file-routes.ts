import { readdir, stat } from 'node:fs/promises';

import { normalPath } from './file-store.ts';
import type { Entity } from './model.ts';
import { HttpError, type Reply, type Request, documentReply, responseRoot } from './reply.ts';
import type { ServerState } from './server-state.ts';
import { mayTouch } from './transactions.ts';
import { element } from './xml-node.ts';

/** The File that the path names, or the folder entity that it lies in. */
function entityAt(path: string, { store }: ServerState): Entity | undefined {
	const segments = path.split('/');
	for (let length = segments.length; length > 1; length--) {
		const found = store.atPath(segments.slice(0, length).join('/'));
		if (found !== undefined) return found;
	}
	return undefined;
}

async function listing(path: string, state: ServerState, request: Request): Promise<Reply> {
	const entries = await readdir(state.files.diskPath(path), { withFileTypes: true });
	const children = entries.map((entry) =>
		element(entry.isDirectory() ? 'dir' : 'file', {
			name: entry.name,
			id: state.store.atPath(`${path === '/' ? '' : path}/${entry.name}`)?.id,
		}),
	);
	return documentReply(responseRoot(request.actor, [element('dir', { path }, children)]));
}

/** `/FileSystem/{path}`: content of a file, list of a folder. Doubled slashes count as one. */
export async function fileSystemRoute(state: ServerState, request: Request): Promise<Reply> {
	if (request.method !== 'GET') throw new HttpError(405, 'Method not allowed.');
	const path =
		request.segments.length === 1 ? '/' : normalPath(request.segments.slice(1).join('/'));
	if (path === null) throw new HttpError(404, 'File does not exist.');
	const diskPath = state.files.diskPath(path);
	const status = await stat(diskPath).catch(() => null);
	if (status === null) throw new HttpError(404, 'File does not exist.');
	const entity = entityAt(path, state);
	if (status.isDirectory()) return await listing(path, state, request);
	if (entity === undefined) throw new HttpError(404, 'File does not exist.');
	const { actor } = request;
	if (!mayTouch(state, entity, { actor, permission: 'RETRIEVE:FILE' })) {
		throw new HttpError(403, 'You are not allowed to download this file.');
	}
	const headers = { 'Content-Type': 'application/octet-stream' };
	return { status: 200, headers, content: { kind: 'file', path: diskPath, size: status.size } };
}

/** `/Thumbnails/{path}` */
export function thumbnailRoute(state: ServerState, request: Request): Reply {
	const path = normalPath(request.segments.slice(1).join('/'));
	const thumbnail = path === null ? null : state.store.atPath(path)?.file?.thumbnail;
	if (!thumbnail) throw new HttpError(404, 'There is no thumbnail.');
	const bytes = Buffer.from(thumbnail, 'base64');
	const headers = { 'Content-Type': 'application/octet-stream' };
	return { status: 200, headers, content: { kind: 'bytes', bytes } };
}
