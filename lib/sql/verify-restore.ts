import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import { type CatalogTable, readCatalog } from './catalog.ts';
import { integer } from './cells.ts';
import type { SqlConnection } from './connection.ts';
import type { DumpTally } from './dump-tally.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { quoteIdentifier } from './identifiers.ts';
import { MARKER_TABLE } from './marker.ts';
import { readChecksums } from './read-checksums.ts';
import type { ExpectedContent } from './restore-report.ts';

export interface VerifiedContent {
	readonly tables: ReadonlyArray<{ readonly name: string; readonly rows: number }>;
	readonly warnings: readonly string[];
	readonly verifiedBy: 'checksums' | 'rows';
}

export interface VerifyOptions {
	readonly place: { readonly endpoint: SqlEndpoint; readonly database: string };
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
	connection: SqlConnection,
	options: VerifyOptions,
	ctx: EngineContext,
): Promise<VerifiedContent> {
	const { tally, expected, expiredEvents } = options;
	if (expected !== undefined) compareWithManifest(tally, expected);
	const catalog = await readCatalog(connection);
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
	const counted = await compareRows(connection, found, tally, ctx);
	const checksums = expected?.tables.every(({ checksum }) => checksum !== undefined) === true;
	if (checksums) await compareContent(options.place, expected, counted.tables, ctx);
	return { ...counted, verifiedBy: checksums ? 'checksums' : 'rows' };
}

async function compareRows(
	connection: SqlConnection,
	found: readonly CatalogTable[],
	tally: DumpTally,
	ctx: EngineContext,
): Promise<Pick<VerifiedContent, 'tables' | 'warnings'>> {
	const warnings: string[] = [];
	const tables = [];
	const lexed = foldedNames(tally.tables);
	const uncounted = new Set([...tally.uncounted].map((name) => name.toLowerCase()));
	for (const { name, versioned } of found) {
		throwIfAborted(ctx.signal);
		ctx.progress.report({
			phase: 'verify',
			done: tables.length,
			total: found.length,
			unit: 'entries',
			item: name,
		});
		let rows = await countRows(connection, quoteIdentifier(name));
		const should = tally.tables.get(name) ?? lexed.get(name.toLowerCase());
		// The dump may hold the former rows of a system-versioned table, too.
		if (versioned && rows !== should) {
			rows = await countRows(connection, `${quoteIdentifier(name)} FOR SYSTEM_TIME ALL`);
		}
		if (uncounted.has(name.toLowerCase())) {
			warnings.push(`The rows of table ${name} were counted, but not compared with the dump.`);
		} else {
			demandEqual(`rows of table ${name}`, rows, should ?? -1);
		}
		tables.push({ name, rows });
	}
	return { tables, warnings };
}

/** The server may fold capital letters in names of tables. */
function foldedNames<T>(tables: Iterable<readonly [string, T]>): ReadonlyMap<string, T> {
	return new Map([...tables].map(([name, value]) => [name.toLowerCase(), value]));
}

async function compareContent(
	place: VerifyOptions['place'],
	expected: ExpectedContent,
	tables: VerifiedContent['tables'],
	ctx: EngineContext,
): Promise<void> {
	const rows = new Map(tables.map(({ name, rows: count }) => [name, count]));
	const former = expected.tables.filter(({ history }) => history === true);
	const history = new Set(former.map(({ name }) => name));
	const found = foldedNames(await readChecksums(place, { rows, history }, ctx));
	for (const { name, rows: should, checksum } of expected.tables) {
		const is = found.get(name.toLowerCase());
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

async function countRows(connection: SqlConnection, source: string): Promise<number> {
	const { rows } = await connection.rows(`SELECT COUNT(*) FROM ${source}`);
	return integer(rows[0]?.[0]);
}
