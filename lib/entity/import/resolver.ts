import { sourceKey } from './pack.ts';
import type { ImportPair } from './pair.ts';
import type { IdResolver } from './rewrite.ts';
import type { ImportRules } from './rules.ts';
import type { SourceEntities } from './source.ts';
import type { ImportTable } from './table.ts';

/** As many as there may be definitions; references to records are asked for once or twice. */
const KNOWN_TARGETS = 10_000;

/** The id that an entity has inside the request that inserts it. */
export function temporaryId(index: number): string {
	return `-${index + 1}`;
}

export interface ResolverInput {
	readonly source: SourceEntities;
	readonly table: ImportTable;
	readonly pair: ImportPair;
	readonly rules: Pick<ImportRules, 'otherVersions'>;
}

/** The target's ids of what the source mentions, as far as they are decided. */
export class ImportResolver implements IdResolver {
	readonly typeOf: IdResolver['typeOf'];
	readonly otherVersions: IdResolver['otherVersions'];
	readonly #source: SourceEntities;
	readonly #table: ImportTable;
	readonly #pair: ImportPair;
	readonly #isPlan: boolean;
	/** What was found in the file: every record of a type asks for the same definitions. */
	readonly #targets = new Map<string, string>();

	/** A plan may mention versions that are still to be made. */
	constructor({ source, table, pair, rules }: ResolverInput, isPlan: boolean) {
		this.#source = source;
		this.#table = table;
		this.#pair = pair;
		this.#isPlan = isPlan;
		this.typeOf = source.typeOf;
		this.otherVersions = rules.otherVersions;
	}

	id(id: string): string | undefined {
		const known = this.#targets.get(id);
		if (known !== undefined) return known;
		const index = this.#source.indexOf(id);
		if (index < 0) return this.#pairedTarget(id);
		const target = this.#table.target(index);
		if (target === undefined) {
			return this.#table.action(index) === 'insert' ? temporaryId(index) : undefined;
		}
		// A target once told stays the same.
		if (this.#targets.size < KNOWN_TARGETS) this.#targets.set(id, target);
		return target;
	}

	version(id: string, version: string): string | undefined {
		const index = this.#source.indexOf(id);
		if (index >= 0 && this.#source.entity(index).version?.id === version) {
			const known = this.#table.version(index);
			if (known !== null) return known;
			// Not inserted yet: it will have its version when it is needed.
			if (this.#isPlan && this.#table.target(index) === undefined) return PENDING_VERSION;
		}
		const key = sourceKey(id);
		return key === null ? undefined : this.#pair.targetVersion(key, version);
	}

	#pairedTarget(id: string): string | undefined {
		const key = sourceKey(id);
		return key === null ? undefined : this.#pair.targetOf(key);
	}

	typeName(base: string): string | undefined {
		const index = this.#source.indexOf(base);
		if (index < 0) return undefined;
		return this.#source.entity(index).name ?? undefined;
	}
}

/** Stands in a plan where the version of something that is still to be inserted belongs. */
export const PENDING_VERSION = 'pending';
