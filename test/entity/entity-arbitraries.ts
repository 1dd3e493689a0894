import fc from 'fast-check';

import {
	type AppliedProperty,
	type Entity,
	type Value,
	newEntity,
	newParent,
	newProperty,
} from '../../lib/entity/index.ts';

/** Text that XML can hold: no control characters but the three, no halves of pairs. */
function isWritable(text: string): boolean {
	return !/[^\P{Cc}\t\n\r\u007f-\u009f]|[\p{Cs}\uFFFE\uFFFF]/u.test(text);
}

const ODD = [
	' ',
	'   ',
	'\n',
	'\r\n',
	'\t',
	'007',
	'1.0',
	'1e3',
	'NaN',
	'-inf',
	'<&>"\'',
	']]>',
	'12@ab',
];

export const anyText = fc.oneof(
	fc.constantFrom(...ODD),
	fc.string({ unit: 'grapheme', minLength: 1 }).filter(isWritable),
	fc.string({ unit: 'binary', minLength: 1 }).filter(isWritable),
);
const maybeText = fc.option(fc.oneof(anyText, fc.constant('')));
const anyItem = fc.option(fc.oneof(anyText, fc.constant('')));

export const anyValue: fc.Arbitrary<Value> = fc.oneof(
	maybeText,
	fc.array(anyItem, { minLength: 1, maxLength: 5 }),
);

function propertyWith(properties: fc.Arbitrary<AppliedProperty[]>): fc.Arbitrary<AppliedProperty> {
	return fc
		.record({
			...{ id: maybeText, name: maybeText, description: maybeText, unit: maybeText },
			datatype: fc.option(fc.constantFrom('TEXT', 'LIST<TEXT>', 'REFERENCE', 'Sample')),
			importance: fc.option(fc.constantFrom('FIX', 'OBLIGATORY')),
			flag: fc.option(fc.constantFrom('inheritance:FIX')),
			...{ value: anyValue, properties },
		})
		.map(newProperty);
}

/** Properties two levels deep. */
export const anyProperty = propertyWith(fc.array(propertyWith(fc.constant([])), { maxLength: 2 }));

const anyParent = fc
	.record({ id: maybeText, name: maybeText, description: maybeText, flag: maybeText })
	.map(newParent);

export const anyEntity: fc.Arbitrary<Entity> = fc
	.record({
		role: fc.constantFrom('Entity', 'RecordType', 'Record', 'Property', 'File', 'QueryTemplate'),
		id: maybeText,
		name: maybeText,
		description: maybeText,
		datatype: maybeText,
		unit: maybeText,
		path: maybeText,
		checksum: maybeText,
		size: maybeText,
		value: anyValue,
		query: maybeText,
		parents: fc.array(anyParent, { maxLength: 3 }),
		properties: fc.array(anyProperty, { maxLength: 4 }),
	})
	.map(({ role, value, query, ...rest }) =>
		newEntity(role, {
			...rest,
			value: role === 'Property' ? value : null,
			query: role === 'QueryTemplate' ? query : null,
		}),
	);
