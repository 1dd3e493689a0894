import { createHash } from 'node:crypto';

/** Bytes that stand for an id: two of millions do not share them. */
const ID_BYTES = 8;
/** Bytes that stand for a version: that another version of the same entity has them is out of the question. */
const VERSION_BYTES = 6;

function digest(text: string, bytes: number): string {
	return createHash('sha256').update(text).digest().toString('latin1', 0, bytes);
}

/** Which version of which entity was looked at, as hashes. */
export class SeenVersions {
	readonly #versions = new Map<string, string>();

	static fromText(text: string): SeenVersions {
		const seen = new SeenVersions();
		const bytes = Buffer.from(text, 'base64').toString('latin1');
		for (let at = 0; at < bytes.length; at += ID_BYTES + VERSION_BYTES) {
			const end = at + ID_BYTES;
			seen.#versions.set(bytes.slice(at, end), bytes.slice(end, end + VERSION_BYTES));
		}
		return seen;
	}

	get size(): number {
		return this.#versions.size;
	}

	add(id: string, version: string): void {
		this.#versions.set(digest(id, ID_BYTES), digest(version, VERSION_BYTES));
	}

	/** What another one knows of the entity. */
	take(id: string, from: SeenVersions): void {
		const key = digest(id, ID_BYTES);
		const version = from.#versions.get(key);
		if (version !== undefined) this.#versions.set(key, version);
	}

	/** Whether any version of the entity was. */
	hasEntity(id: string): boolean {
		return this.#versions.has(digest(id, ID_BYTES));
	}

	has(id: string, version: string): boolean {
		return this.#versions.get(digest(id, ID_BYTES)) === digest(version, VERSION_BYTES);
	}

	/** Base64, 19 characters for each. */
	toText(): string {
		const pairs = [...this.#versions].map(([id, version]) => id + version);
		return Buffer.from(pairs.sort().join(''), 'latin1').toString('base64');
	}
}
