import type { Message } from './messages.ts';
import { MESSAGES, unspecific } from './messages.ts';
import { type Datatype, type Entity, type Value, isReference } from './model.ts';
import type { RequestScope } from './request-scope.ts';
import { isMessage } from './request-scope.ts';

/** A value that cannot be stored; `message` belongs on the property. */
export class ValueError extends Error {
	readonly told: Message;

	constructor(told: Message) {
		super(told.description);
		this.told = told;
	}
}

const DOUBLE = /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf|infinity)$/i;
const DATETIME =
	/^[+-]?\d{4,}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|UTC|[+-]\d{2}:?\d{2})?)?)?)?$/;

function refuse(text: string, datatype: string): never {
	const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
	throw new ValueError(unspecific(`Cannot parse the value "${shown}" as ${datatype}.`));
}

function checkScalar(text: string, datatype: string): string {
	const trimmed = text.trim();
	if (datatype === 'TEXT') return text;
	if (datatype === 'INTEGER') return /^[+-]?\d+$/.test(trimmed) ? trimmed : refuse(text, datatype);
	if (datatype === 'DOUBLE') return DOUBLE.test(trimmed) ? trimmed : refuse(text, datatype);
	if (datatype === 'BOOLEAN') {
		return /^(true|false)$/i.test(trimmed) ? trimmed.toUpperCase() : refuse(text, datatype);
	}
	return DATETIME.test(trimmed) ? trimmed : refuse(text, datatype);
}

/** Whether `id` is the type or one of its children. */
function isOfType(id: string, type: string, scope: RequestScope): boolean {
	const seen = new Set<string>();
	const look = (current: string): boolean => {
		if (current === type) return true;
		if (seen.has(current)) return false;
		seen.add(current);
		return scope.entity(current)?.parents.some(look) ?? false;
	};
	return look(id);
}

function allows(datatype: Datatype, target: Entity, scope: RequestScope): boolean {
	if (datatype.base === 'REFERENCE') return true;
	if (datatype.base === 'FILE') return target.role === 'File';
	return isOfType(target.id, datatype.base, scope);
}

/** `id`, `id@version` or a name, to the id it will have. */
function checkReference(text: string, datatype: Datatype, scope: RequestScope): string {
	const trimmed = text.trim();
	const at = trimmed.indexOf('@');
	const version = at > 0 ? trimmed.slice(at) : '';
	const key = at > 0 ? trimmed.slice(0, at) : trimmed;
	const byId = scope.find({ id: key, name: null }, []);
	const roles = ['Record', 'File', 'RecordType', 'Property'] as const;
	const found = isMessage(byId) ? scope.find({ id: null, name: key }, roles) : byId;
	if (isMessage(found)) {
		throw new ValueError(found === MESSAGES.ambiguous ? found : MESSAGES.missingReference);
	}
	if (!scope.hasVersion(found.id, version)) throw new ValueError(MESSAGES.missingReference);
	if (!allows(datatype, found, scope)) throw new ValueError(MESSAGES.wrongReference);
	return `${found.id}${version}`;
}

/**
 * The value as it is stored: references by id, BOOLEAN in capitals, one item where the datatype is no
 * list, a list where it is one. Throws ValueError.
 */
export function checkValue(value: Value, datatype: Datatype, scope: RequestScope): Value {
	const check = (item: string | null): string | null => {
		if (item === null) return null;
		if (item === '' && (isReference(datatype) || ['TEXT', 'DATETIME'].includes(datatype.base))) {
			return '';
		}
		if (isReference(datatype)) return checkReference(item, datatype, scope);
		return checkScalar(item, datatype.base);
	};
	if (value === null) return null;
	if (datatype.isList) return (typeof value === 'string' ? [value] : value).map(check);
	if (typeof value === 'string') return check(value);
	if (value.length > 1) {
		throw new ValueError(unspecific('A list of values needs a list data type.'));
	}
	return check(value[0] ?? null);
}
