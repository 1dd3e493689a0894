import { splitDatatype } from '../datatypes.ts';
import type { AppliedProperty, Entity, Value } from '../model.ts';

/*
 * Whether the target has what the source has, and in what they differ, as a person reads it. What the source
 * leaves open (a data type that the property's own entity says) is no difference; the order of different
 * properties is none either.
 */

const SHOWN_LENGTH = 80;

function shown(value: Value): string {
	if (value === null) return 'nothing';
	const text =
		typeof value === 'string'
			? `'${value}'`
			: `[${value.map((item) => (item === null ? 'nothing' : `'${item}'`)).join(', ')}]`;
	return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text;
}

function changed(what: string, from: Value, to: Value): string {
	return `${what}: ${shown(from)} → ${shown(to)}`;
}

/** A data type in one notation; names of RecordTypes as they are. */
function plainDatatype(datatype: string | null): string | null {
	if (datatype === null) return null;
	const { base, isList } = splitDatatype(datatype);
	return isList ? `LIST<${base}>` : base;
}

/** A value in the notation in which equal ones have equal texts. */
function plainItem(item: string | null, base: string): string | null {
	if (item === null || item === '') return item;
	switch (base) {
		case 'BOOLEAN':
			return item.trim().toUpperCase();
		case 'DOUBLE': {
			const number = Number(item.trim().replace(/^([+-]?)inf(inity)?$/i, '$1Infinity'));
			if (/^\s*nan\s*$/i.test(item)) return 'NaN';
			if (Number.isNaN(number)) return item;
			return Object.is(number, -0) ? '-0' : String(number);
		}
		case 'INTEGER':
			return /^\s*[+-]?\d{1,4000}\s*$/.test(item)
				? String(BigInt(item.trim().replace(/^\+/, '')))
				: item;
		default:
			return item;
	}
}

/** null for an empty list, which no document can tell from none; one item for a single value of a list. */
export function plainValue(value: Value, datatype: string | null): Value {
	const { base, isList } = splitDatatype(datatype ?? 'TEXT');
	if (value === null) return null;
	if (typeof value === 'string') {
		const item = plainItem(value, base);
		return isList ? [item] : item;
	}
	if (value.length === 0) return null;
	const items = value.map((item) => plainItem(item, base));
	return isList || items.length > 1 ? items : (items[0] ?? null);
}

function areEqual(a: Value, b: Value): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

function compareValues(
	what: string,
	wanted: Value,
	actual: Value,
	datatype: string | null,
): string[] {
	const [to, from] = [plainValue(wanted, datatype), plainValue(actual, datatype)];
	return areEqual(to, from) ? [] : [changed(what, actual, wanted)];
}

/** A text that the source may leave open. */
function compareOpen(what: string, wanted: string | null, actual: string | null): string[] {
	return wanted === null || wanted === actual ? [] : [changed(what, actual, wanted)];
}

function compareExactly(what: string, wanted: string | null, actual: string | null): string[] {
	return (wanted ?? '') === (actual ?? '') ? [] : [changed(what, actual, wanted)];
}

function labelOf({ name, id }: AppliedProperty): string {
	return `property '${name ?? id ?? ''}'`;
}

function compareProperty(
	wanted: AppliedProperty,
	actual: AppliedProperty,
	isInstance: boolean,
): string[] {
	const label = labelOf(wanted.name === null ? actual : wanted);
	const datatype = wanted.datatype ?? actual.datatype;
	return [
		...compareOpen(`${label}, name`, wanted.name, actual.name),
		...compareOpen(`${label}, description`, wanted.description, actual.description),
		...compareOpen(
			`${label}, data type`,
			plainDatatype(wanted.datatype),
			plainDatatype(actual.datatype),
		),
		...compareOpen(`${label}, unit`, wanted.unit, actual.unit),
		// Properties of Records and Files are always FIX.
		...(isInstance
			? []
			: compareOpen(`${label}, importance`, wanted.importance, actual.importance)),
		...compareValues(label, wanted.value, actual.value, datatype),
		...compareProperties(wanted.properties, actual.properties, {
			isInstance,
			inside: `${label}, `,
		}),
	];
}

function isSame(wanted: AppliedProperty, actual: AppliedProperty): boolean {
	return wanted.id === null ? wanted.name === actual.name : wanted.id === actual.id;
}

/** One property may occur several times: the first of the one belongs to the first of the other. */
function compareProperties(
	wanted: readonly AppliedProperty[],
	actual: readonly AppliedProperty[],
	{ isInstance, inside }: { readonly isInstance: boolean; readonly inside: string },
): string[] {
	const left = [...actual];
	const found: string[] = [];
	for (const property of wanted) {
		const at = left.findIndex((candidate) => isSame(property, candidate));
		const [other] = at < 0 ? [] : left.splice(at, 1);
		if (other === undefined) {
			found.push(`${inside}${labelOf(property)} is new: ${shown(property.value)}`);
		} else {
			found.push(...compareProperty(property, other, isInstance).map((text) => inside + text));
		}
	}
	for (const property of left) {
		found.push(`${inside}${labelOf(property)} is removed: ${shown(property.value)}`);
	}
	return found;
}

function compareParents(wanted: Entity, actual: Entity): string[] {
	const left = [...actual.parents];
	const found: string[] = [];
	for (const { id, name } of wanted.parents) {
		const at = left.findIndex((candidate) =>
			id === null ? candidate.name === name : candidate.id === id,
		);
		if (at < 0) found.push(`parent ${id === null ? `'${name ?? ''}'` : id} is new`);
		else left.splice(at, 1);
	}
	return [...found, ...left.map(({ id, name }) => `parent '${name ?? id ?? ''}' is removed`)];
}

function compareFile(wanted: Entity, actual: Entity): string[] {
	if (wanted.role !== 'File') return [];
	const [to, from] = [wanted.checksum?.toLowerCase(), actual.checksum?.toLowerCase()];
	const isOther = to !== undefined && from !== undefined && to !== from;
	return [
		...compareOpen('path', wanted.path, actual.path),
		...(isOther ? ['content: another checksum'] : []),
	];
}

/** In what the target's entity differs from what it is to be; empty when it need not be touched. */
export function differences(wanted: Entity, actual: Entity): string[] {
	const isInstance = wanted.role === 'Record' || wanted.role === 'File';
	const datatype = wanted.datatype ?? actual.datatype;
	return [
		...compareExactly('name', wanted.name, actual.name),
		...compareExactly('description', wanted.description, actual.description),
		...compareOpen('data type', plainDatatype(wanted.datatype), plainDatatype(actual.datatype)),
		...compareExactly('unit', wanted.unit, actual.unit),
		...compareValues('value', wanted.value, actual.value, datatype),
		...(wanted.role === 'QueryTemplate' ? compareExactly('query', wanted.query, actual.query) : []),
		...compareFile(wanted, actual),
		...compareParents(wanted, actual),
		...compareProperties(wanted.properties, actual.properties, { isInstance, inside: '' }),
	];
}
