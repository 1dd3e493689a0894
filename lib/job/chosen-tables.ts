import { EngineError } from '../core/index.ts';
import type { ExpectedContent, FramedDump } from '../sql/index.ts';
import type { DumpSource } from './dump-source.ts';

const TABLE = 'table:';
const SEQUENCE = 'sequence:';
const EXAMPLES = 5;

/** Only what tables need: the settings before and after all objects, sequences for defaults, the tables. */
function isKept(object: string | undefined, tables: ReadonlySet<string>): boolean {
	if (object === undefined || object.startsWith(SEQUENCE)) return true;
	return object.startsWith(TABLE) && tables.has(object.slice(TABLE.length));
}

function partOf(dump: FramedDump, tables: ReadonlySet<string>): FramedDump {
	const places = dump.frames.flatMap(({ object }, place) =>
		isKept(object, tables) ? [place] : [],
	);
	return {
		isPart: true,
		frames: places.flatMap((place) => dump.frames[place] ?? []),
		async *read(from, to) {
			for (const place of places.slice(from, to)) yield* dump.read(place, place + 1);
		},
	};
}

function demandKnown(tables: ReadonlySet<string>, { tables: known }: ExpectedContent): void {
	const names = known.map(({ name }) => name);
	const unknown = [...tables].find((table) => !names.includes(table));
	if (unknown === undefined) return;
	throw new EngineError('invalid_option', `The backup has no table '${unknown}'`, {
		remedy: `Choose from its tables, e.g. ${names.slice(0, EXAMPLES).join(', ')}.`,
		details: { option: 'tables' },
	});
}

/**
 * The same dump with these tables alone: the frames of others are not read. Views, routines, triggers and events
 * are not part of it. Throws `invalid_option` for a source without a list of frames, and for unknown tables.
 */
export function chosenTables(dump: DumpSource, names: readonly string[]): DumpSource {
	const { frames, expected, check } = dump;
	if (frames === undefined || expected === undefined) {
		throw new EngineError('invalid_option', 'Single tables can be taken from a backup set only', {
			remedy: "Set 'Source' to Backup Set, or leave 'Tables' empty.",
			details: { option: 'tables' },
		});
	}
	const tables = new Set(names);
	demandKnown(tables, expected);
	const isChosen = ({ name }: { readonly name: string }): boolean => tables.has(name);
	const none = { views: [], routines: [], triggers: [], events: [] };
	const chosen = check.tables.filter(isChosen);
	return {
		...dump,
		frames: partOf(frames, tables),
		expected: { ...expected, ...none, tables: expected.tables.filter(isChosen) },
		check: {
			...check,
			...{ views: 0, routines: 0, triggers: 0, events: 0, definers: [] },
			tables: chosen,
			rows: chosen.reduce((sum, { rows }) => sum + rows, 0),
		},
	};
}
