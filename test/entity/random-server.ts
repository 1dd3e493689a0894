import { createHash } from 'node:crypto';

import fc from 'fast-check';

import {
	type AppliedProperty,
	type Entity,
	type Value,
	newEntity,
	newParent,
	newProperty,
} from '../../lib/entity/index.ts';
import { anyText } from './entity-arbitraries.ts';

/*
 * What a server may hold: types below each other, properties of every data type, records and files that refer to
 * each other in circles. Ids are temporary ones.
 */

export interface RandomServer {
	readonly entities: readonly Entity[];
	readonly files: Readonly<Record<string, Buffer>>;
}

const SCALARS: Readonly<Record<string, fc.Arbitrary<string>>> = {
	TEXT: anyText,
	INTEGER: fc.bigInt().map(String),
	DOUBLE: fc
		.oneof(fc.double().map(String), fc.constantFrom('-0.0', '1e-07', '5.0', 'inf', '-inf', 'NaN'))
		.map((text) => text.replace('Infinity', 'inf')),
	BOOLEAN: fc.constantFrom('TRUE', 'FALSE'),
	DATETIME: fc.constantFrom(
		'2024',
		'2024-05-01',
		'2024-05-01T10:00:00.000001+0100',
		'2024-05-01 00:00:00',
	),
};

interface Numbers {
	readonly types: number;
	readonly records: number;
	readonly files: number;
}

/** Choices as numbers that are taken modulo what there is: so that shrinking keeps them valid. */
interface Choices {
	readonly parentOf: readonly number[];
	readonly typeOf: readonly number[];
	readonly isNamed: readonly boolean[];
	readonly propertiesOf: ReadonlyArray<
		ReadonlyArray<{ readonly kind: number; readonly pick: readonly number[] }>
	>;
	readonly texts: readonly string[];
	readonly scalars: readonly Readonly<Record<string, string>>[];
}

function pick<T>(list: readonly T[], number: number): T | undefined {
	return list[number % Math.max(1, list.length)];
}

class Builder {
	readonly #numbers: Numbers;
	readonly #choices: Choices;

	constructor(numbers: Numbers, choices: Choices) {
		this.#numbers = numbers;
		this.#choices = choices;
	}

	build(): RandomServer {
		const { types, records, files } = this.#numbers;
		const count = (length: number): number[] => Array.from({ length }, (_none, index) => index);
		const definitions = this.#definitions();
		const entities = [
			...count(records).map((index) => this.#record(index)),
			...count(files).map((index) => this.#file(index)),
			...count(types).map((index) => this.#type(index)),
			...definitions,
			newEntity('QueryTemplate', { id: '-9000', name: 'heavy', query: ' FIND RECORD & more ' }),
		];
		const contents = count(files).map(
			(index) => [this.#path(index), this.#content(index)] as const,
		);
		return { entities, files: Object.fromEntries(contents) };
	}

	#typeId(index: number): string {
		return `-${1000 + index}`;
	}

	#recordId(index: number): string {
		return `-${3000 + index}`;
	}

	#fileId(index: number): string {
		return `-${5000 + index}`;
	}

	#path(index: number): string {
		return `/lab ü/${index}.bin`;
	}

	#content(index: number): Buffer {
		return Buffer.from(`content ${index} ${pick(this.#choices.texts, index) ?? ''}`);
	}

	/** Every data type once, with the numbers of `propertiesOf` as ids. */
	get #datatypes(): string[] {
		const types = Array.from({ length: this.#numbers.types }, (_none, index) => `type ${index}`);
		const bases = [...Object.keys(SCALARS), 'REFERENCE', 'FILE', ...types];
		return [...bases, ...bases.map((base) => `LIST<${base}>`)];
	}

	#definitions(): Entity[] {
		return this.#datatypes.map((datatype, kind) =>
			newEntity('Property', {
				...{ id: `-${7000 + kind}`, name: `p${kind}`, datatype },
				...(datatype === 'DOUBLE' ? { unit: 'kg' } : {}),
			}),
		);
	}

	/** A type is below one that comes before it, or below none. */
	#type(index: number): Entity {
		const parent = pick(this.#choices.parentOf, index) ?? 0;
		const above = parent % (index + 1);
		const properties = this.#applied(index).map((property) => ({
			...property,
			value: null,
			importance: 'SUGGESTED',
		}));
		return newEntity('RecordType', {
			...{ id: this.#typeId(index), name: `type ${index}`, properties },
			description: pick(this.#choices.texts, index) ?? null,
			parents: above < index ? [newParent({ id: this.#typeId(above) })] : [],
		});
	}

	#typeNumber(record: number): number {
		return (pick(this.#choices.typeOf, record) ?? 0) % this.#numbers.types;
	}

	#record(index: number): Entity {
		return newEntity('Record', {
			...{ id: this.#recordId(index), properties: this.#applied(index + 1) },
			name: pick(this.#choices.isNamed, index) === true ? `record ${index}` : null,
			parents: [newParent({ id: this.#typeId(this.#typeNumber(index)) })],
		});
	}

	#file(index: number): Entity {
		const checksum = createHash('sha512').update(this.#content(index)).digest('hex');
		const parents = [newParent({ id: this.#typeId(this.#typeNumber(index)) })];
		return newEntity('File', {
			...{ id: this.#fileId(index), path: this.#path(index), checksum, parents },
			properties: this.#applied(index + 2),
		});
	}

	#applied(index: number): AppliedProperty[] {
		const datatypes = this.#datatypes;
		return (pick(this.#choices.propertiesOf, index) ?? []).map(({ kind, pick: numbers }) => {
			const number = kind % datatypes.length;
			const datatype = datatypes[number] ?? 'TEXT';
			return newProperty({
				...{ id: `-${7000 + number}`, name: `p${number}`, datatype, importance: 'FIX' },
				...(/DOUBLE/.test(datatype) && !datatype.startsWith('LIST') ? { unit: 'kg' } : {}),
				value: this.#value(datatype, numbers),
			});
		});
	}

	#value(datatype: string, numbers: readonly number[]): Value {
		const base = /^LIST<(.*)>$/.exec(datatype)?.[1];
		const [first = 0] = numbers;
		if (base === undefined) return first % 5 === 0 ? null : this.#item(datatype, first);
		if (numbers.length === 0) return null;
		return numbers.map((number) => (number % 5 === 0 ? null : this.#item(base, number)));
	}

	#item(base: string, number: number): string | null {
		if (base in SCALARS) {
			const canBeEmpty = base === 'TEXT' || base === 'DATETIME';
			if (canBeEmpty && number % 7 === 0) return '';
			return pick(this.#choices.scalars, number)?.[base] ?? null;
		}
		const { records, files } = this.#numbers;
		if (base === 'FILE') return files === 0 ? null : this.#fileId(number % files);
		const fitting = Array.from({ length: records }, (_none, index) => index).filter(
			(index) => base === 'REFERENCE' || `type ${this.#typeNumber(index)}` === base,
		);
		const found = pick(fitting, number);
		return found === undefined ? null : this.#recordId(found);
	}
}

const choices: fc.Arbitrary<Choices> = fc.record({
	parentOf: fc.array(fc.nat(10), { minLength: 1, maxLength: 5 }),
	typeOf: fc.array(fc.nat(10), { minLength: 1, maxLength: 8 }),
	isNamed: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
	propertiesOf: fc.array(
		fc.array(fc.record({ kind: fc.nat(100), pick: fc.array(fc.nat(100), { maxLength: 4 }) }), {
			maxLength: 4,
		}),
		{ minLength: 1, maxLength: 8 },
	),
	texts: fc.array(anyText, { minLength: 1, maxLength: 4 }),
	scalars: fc.array(fc.record(SCALARS), { minLength: 1, maxLength: 4 }),
});

export const anyServer: fc.Arbitrary<RandomServer> = fc
	.record({
		numbers: fc.record({
			types: fc.integer({ min: 1, max: 4 }),
			records: fc.nat(10),
			files: fc.nat(2),
		}),
		choices,
	})
	.map(({ numbers, choices: made }) => new Builder(numbers, made).build());
