import { EngineError, type EngineContext } from '../core/index.ts';
import { type CatalogTable, readCatalog } from './catalog.ts';
import { countRows } from './count-rows.ts';
import type { DumpTally } from './dump-tally.ts';
import type { LoadLanes } from './load-lanes.ts';
import { MARKER_TABLE } from './marker.ts';
import { readChecksums } from './read-checksums.ts';
import type { ExpectedContent } from './restore-report.ts';

export interface VerifiedContent {
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	readonly warnings: readonly string[];
	readonly verifiedBy: 'checksums' | 'rows';
}

export interface VerifyOptions {
	readonly tally: DumpTally;
	readonly expected: ExpectedContent | undefined;
	/** Events of the dump that the server dropped because their moment has passed. */
	readonly expiredEvents: number;
}

/**
 * Compares what the server now holds with what the dump was seen to create, and both with the manifest.
 * Rejects with `sql_verify_failed`, naming the first difference.
 */
export async function verifyRestore(
	lanes: LoadLanes,
	options: VerifyOptions,
	ctx: EngineContext,
): Promise<VerifiedContent> {
	const { tally, expected, expiredEvents } = options;
	if (expected !== undefined) compareWithManifest(tally, expected);
	const catalog = await readCatalog(lanes.primary.connection);
	const found = catalog.tables.filter(({ name }) => name !== MARKER_TABLE);
	const kinds: ReadonlyArray<readonly [string, number, number]> = [
		['tables', found.length, tally.tables.size],
		['sequences', catalog.sequences.length, tally.sequences.size],
		['views', catalog.views.length, tally.views.size],
		['routines', catalog.routines.length, tally.routines],
		['packages', catalog.packages.length, tally.packages.size + tally.packageBodies.size],
		['triggers', catalog.triggers.length, tally.triggers.size],
		['events', catalog.events.length, tally.events.size - expiredEvents],
	];
	for (const [kind, is, should] of kinds) demandEqual(kind, is, should);
	const checksums = expected?.tables.every(({ checksum }) => checksum !== undefined) === true;
	const rows = checksums
		? await compareContent(lanes, expected, ctx)
		: await readRows(lanes, tally, found, ctx);
	return { ...compareRows(found, rows, tally), verifiedBy: checksums ? 'checksums' : 'rows' };
}

async function readRows(
	lanes: LoadLanes,
	tally: DumpTally,
	found: readonly CatalogTable[],
	ctx: EngineContext,
): Promise<ReadonlyMap<string, number>> {
	const lexed = foldedNames(tally.tables);
	const tables = found.map(({ name, versioned }) => {
		return { name, versioned, expected: lexed.get(name.toLowerCase()) };
	});
	return await countRows(lanes, tables, ctx);
}

function compareRows(
	found: readonly CatalogTable[],
	counted: ReadonlyMap<string, number>,
	tally: DumpTally,
): Pick<VerifiedContent, 'tables' | 'warnings'> {
	const warnings: string[] = [];
	const lexed = foldedNames(tally.tables);
	const uncounted = new Set([...tally.uncounted].map((name) => name.toLowerCase()));
	const tables = found.map(({ name }) => {
		const rows = counted.get(name) ?? -1;
		const should = tally.tables.get(name) ?? lexed.get(name.toLowerCase());
		if (uncounted.has(name.toLowerCase())) {
			warnings.push(`The rows of table ${name} were counted, but not compared with the dump.`);
		} else {
			demandEqual(`rows of table ${name}`, rows, should ?? -1);
		}
		return { name, rows };
	});
	return { tables, warnings };
}

/** The server may fold capital letters in names of tables. */
function foldedNames<T>(tables: Iterable<readonly [string, T]>): ReadonlyMap<string, T> {
	return new Map([...tables].map(([name, value]) => [name.toLowerCase(), value]));
}

/** Returns the rows of each table, by the server's names. */
async function compareContent(
	lanes: LoadLanes,
	expected: ExpectedContent,
	ctx: EngineContext,
): Promise<ReadonlyMap<string, number>> {
	const rows = new Map(expected.tables.map(({ name, rows: count }) => [name, count]));
	const former = expected.tables.filter(({ history }) => history === true);
	const history = new Set(former.map(({ name }) => name));
	const read = await readChecksums(lanes, { rows, history }, ctx);
	const found = foldedNames(read);
	for (const { name, rows: should, checksum } of expected.tables) {
		const is = read.get(name) ?? found.get(name.toLowerCase());
		if (is?.rows === should && is.checksum === checksum) continue;
		throw new EngineError(
			'sql_verify_failed',
			`The content of table ${name} is not what was backed up: its checksum differs`,
			{
				remedy: 'Restore to a server of the same kind and version, and look into its log.',
				details: { table: name, rows: is?.rows ?? -1, expectedRows: should },
			},
		);
	}
	return new Map([...read].map(([name, { rows: count }]) => [name, count]));
}

function compareWithManifest(tally: DumpTally, expected: ExpectedContent): void {
	demandEqual('tables of the dump', tally.tables.size, expected.tables.length);
	for (const { name, rows } of expected.tables) {
		demandEqual(`rows of table ${name} in the dump`, tally.tables.get(name) ?? -1, rows);
	}
	demandEqual('sequences of the dump', tally.sequences.size, expected.sequences.length);
	demandEqual('views of the dump', tally.views.size, expected.views.length);
	demandEqual('routines of the dump', tally.routines, expected.routines.length);
	demandEqual('triggers of the dump', tally.triggers.size, expected.triggers.length);
	demandEqual('events of the dump', tally.events.size, expected.events.length);
}

function demandEqual(what: string, found: number, expected: number): void {
	if (found === expected) return;
	throw new EngineError('sql_verify_failed', `Expected ${expected} ${what}, found ${found}`, {
		remedy: 'Verify the backup, and look into the log of the server.',
		details: { what, found, expected },
	});
}
