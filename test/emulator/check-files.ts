import { type Upload, normalPath, uploadOf } from './file-store.ts';
import type { EntityStore } from './entity-store.ts';
import { unspecific } from './messages.ts';
import type { Part } from './multipart.ts';
import type { Pending } from './request-scope.ts';

/** What has to happen in the file root once the whole request is found good. */
export interface FileChange {
	readonly path: string;
	readonly upload: Upload | null;
	/** The entity's path until now, when it moves. */
	readonly movedFrom: string | null;
}

/** Whether a file lies where the path needs a folder, or the other way round. */
function collides(path: string, taken: readonly string[], store: EntityStore): boolean {
	if (taken.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))) {
		return true;
	}
	if (store.isFolder(path)) return true;
	const segments = path.split('/');
	return segments.some((_segment, index) => {
		const above = segments.slice(0, index).join('/');
		return index > 1 && store.atPath(above) !== undefined;
	});
}

/**
 * Checks path, content and checksum of a File and completes the entity. Returns what to do with its
 * content; says on the entity what is wrong. `taken` collects the paths of the request.
 */
export function checkFile(
	one: Pending,
	parts: readonly Part[],
	{ store, taken }: { readonly store: EntityStore; readonly taken: string[] },
): FileChange | null {
	const { draft, entity, old, messages } = one;
	if (entity.role !== 'File') return null;
	const refuse = (description: string): null => {
		messages.push(unspecific(description));
		return null;
	};
	const oldFile = old?.file ?? null;
	const path = draft.path === null ? (oldFile?.path ?? null) : normalPath(draft.path);
	if (path === null) return refuse('The file has no path, or one that leads out of the file root.');
	const occupant = store.atPath(path);
	if (taken.includes(path) || (occupant !== undefined && occupant.id !== entity.id)) {
		return refuse('The path is in use by another file.');
	}
	if (collides(path, taken, store)) return refuse('A file and a folder would have the same path.');
	taken.push(path);
	const upload = draft.upload === null ? null : uploadOf(parts, draft.upload);
	if (draft.upload !== null && upload === null) return refuse('The uploaded file is missing.');
	if (upload === null && oldFile === null) return refuse('There is no file representation.');
	const { size, checksum, isFolder, thumbnail } = upload ?? oldFile ?? { ...NO_FILE };
	if (draft.checksum !== null && draft.checksum.toLowerCase() !== checksum) {
		return refuse('The checksum test of the file has failed.');
	}
	entity.file = {
		path,
		size,
		checksum,
		isFolder,
		thumbnail: thumbnail ?? oldFile?.thumbnail ?? null,
	};
	const movedFrom = oldFile !== null && oldFile.path !== path ? oldFile.path : null;
	return upload === null && movedFrom === null ? null : { path, upload, movedFrom };
}

const NO_FILE = { size: 0, checksum: '', isFolder: false, thumbnail: null } as const;
