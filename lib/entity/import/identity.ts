import { createHash } from 'node:crypto';

import type { CaosDbClient } from '../client/client.ts';
import { quoted } from '../client/url-path.ts';
import { plainValue } from './compare.ts';
import type { Entity } from '../model.ts';
import { TextIndex } from './text-index.ts';

/**
 * Records of the target by the values of chosen properties. All Records of a type are listed once: to ask for
 * each by a query would take as many requests, and queries compare texts and numbers loosely.
 */
export class TargetIdentities {
	readonly #client: CaosDbClient;
	readonly #properties: readonly string[];
	readonly #byType = new Map<string, TextIndex>();

	constructor(client: CaosDbClient, properties: readonly string[]) {
		this.#client = client;
		this.#properties = properties;
	}

	/** Ids of the target's Records of this type that agree with a record in the target's ids. */
	async find(typeName: string, record: Entity): Promise<readonly string[]> {
		const key = this.#keyOf(record);
		if (key === undefined) return [];
		const known = this.#byType.get(typeName) ?? (await this.#list(typeName));
		return known.get(key);
	}

	/** Whether the record has a value for each of the properties. */
	isIdentified(record: Entity): boolean {
		return this.#keyOf(record) !== undefined;
	}

	async #list(typeName: string): Promise<TextIndex> {
		const found = new TextIndex();
		for await (const { entities } of this.#client.query(`FIND RECORD ${quoted(typeName)}`)) {
			for (const entity of entities) {
				const key = this.#keyOf(entity);
				if (key !== undefined && entity.id !== null) found.add(key, entity.id);
			}
		}
		this.#byType.set(typeName, found);
		return found;
	}

	#keyOf({ properties }: Entity): string | undefined {
		const values: unknown[] = [];
		for (const name of this.#properties) {
			const property = properties.find((candidate) => candidate.name === name);
			const value = property === undefined ? null : plainValue(property.value, property.datatype);
			if (value === null) return undefined;
			values.push(value);
		}
		return createHash('sha256').update(JSON.stringify(values)).digest('base64').slice(0, 22);
	}
}
