import { createHash, randomBytes } from 'node:crypto';

import type { Actor } from './acl.ts';
import type { EntityStore } from './entity-store.ts';
import type { Entity, VersionMark } from './model.ts';
import { type XmlElement, element } from './xml-node.ts';

/** A version made now; its id looks like the server's: 40 hex digits. */
export function newVersion({ username, realm }: Actor): VersionMark {
	const id = createHash('sha1').update(randomBytes(16)).digest('hex');
	return { id, at: Date.now(), username, realm };
}

const MINUTE_MS = 60_000;

/** `+0100` for 60 minutes. */
export function offsetText(minutes: number): string {
	const size = Math.abs(minutes);
	const digits = Math.floor(size / 60) * 100 + (size % 60);
	return `${minutes < 0 ? '-' : '+'}${String(digits).padStart(4, '0')}`;
}

/** `2024-03-02T12:20:23.100`, so many minutes east of UTC. */
export function localTime(at: number, utcOffset: number): string {
	return new Date(at + utcOffset * MINUTE_MS).toISOString().replace('Z', '');
}

/** `2024-03-02T12:20:23.100+0000` */
export function versionDate(at: number, utcOffset = 0): string {
	return localTime(at, utcOffset) + offsetText(utcOffset);
}

class Marks {
	readonly #utcOffset: number;

	constructor(utcOffset: number) {
		this.#utcOffset = utcOffset;
	}

	mark(name: string, { version }: Entity, children: XmlElement[] = []): XmlElement {
		const { id, at, username, realm } = version;
		const date = versionDate(at, this.#utcOffset);
		return element(name, { id, date, username, realm }, children);
	}

	/** Versions nested one in the other, the nearest outermost. */
	nest(name: string, versions: readonly Entity[]): XmlElement[] {
		return versions.reduceRight<XmlElement[]>(
			(inner, version) => [this.mark(name, version, inner)],
			[],
		);
	}
}

/** The version with its neighbours, or with all there are. */
export function versionElement(
	entity: Entity,
	history: readonly Entity[],
	{ isComplete, utcOffset }: { readonly isComplete: boolean; readonly utcOffset: number },
): XmlElement {
	const at = history.findIndex(({ version }) => version.id === entity.version.id);
	const before = history.slice(0, Math.max(at, 0)).reverse();
	const after = history.slice(at + 1);
	const count = isComplete ? history.length : 1;
	const marks = new Marks(utcOffset);
	const made = marks.mark('Version', entity, [
		...marks.nest('Predecessor', before.slice(0, count)),
		...marks.nest('Successor', after.slice(0, count)),
	]);
	if (after.length === 0) made.attributes.set('head', 'true');
	if (isComplete) made.attributes.set('completeHistory', 'true');
	return made;
}

/** The entity of `id`, `id@version`, `id@HEAD` or `id@HEAD~1`. */
export function versionOf(store: EntityStore, key: string): Entity | undefined {
	const at = key.lastIndexOf('@');
	if (at <= 0) return store.head(key);
	const history = store.history(key.slice(0, at));
	const wanted = key.slice(at + 1);
	const back = /^HEAD(?:~(\d+))?$/i.exec(wanted);
	if (back !== null) return history.at(-1 - Number(back[1] ?? 0));
	return history.find(({ version }) => version.id === wanted);
}
