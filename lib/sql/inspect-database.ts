import { EngineError, type EngineContext, throwIfAborted } from '../core/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import type { SqlConnection } from './connection.ts';
import { type DumpContent, type DumpContentOptions, resolveDumpContent } from './dump-content.ts';
import { pinDumpSession } from './dump-session.ts';
import type { SqlEndpoint } from './endpoint.ts';
import { type Grants, readGrants } from './grants.ts';
import { inspectDefiners, inspectPrograms, inspectViews } from './inspect-programs.ts';
import { enginesOf, inspectTables, largestStatement } from './inspect-tables.ts';
import type { DatabaseInspection, InspectedDefiner, LargestStatement } from './inspection.ts';
import { KillableSession } from './killable-session.ts';
import { isWhole, leftOutPhrases } from './left-out.ts';
import { type MissingPrivilege, allOf, grantLines } from './privilege-errors.ts';
import { readSchemaVersion } from './schema-version.ts';
import { type ContentSelection, danglingReferences, selectContent } from './select-content.ts';
import { type ServerInfo, readServerInfo } from './server-info.ts';
import { invisibleParts, lacksRoutines } from './visibility.ts';

export interface InspectOptions {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	/** What a dump would hold; absent: the whole database. */
	readonly content?: DumpContentOptions;
}

/** Above this, a server with MariaDB's default settings does not load the dump. */
const USUAL_PACKET_BYTES = 16 * 1024 * 1024;

/**
 * Looks at a database as a backup would, and writes nothing: the session is read-only. What a backup
 * would refuse is collected instead of thrown, so that all of it is known at once. Rejects with
 * `invalid_option`, `sql_unreachable`, `sql_access_denied`, `sql_tls_failed`, `sql_database_missing`,
 * `sql_server_unsupported`, `sql_connection_lost`, `cancelled`.
 */
export async function inspectDatabase(
	options: InspectOptions,
	ctx: EngineContext,
): Promise<DatabaseInspection> {
	throwIfAborted(ctx.signal);
	const content = resolveDumpContent(options.content);
	ctx.progress.report({ phase: 'check', done: 0, unit: 'entries' });
	const { session, isOpen } = await openSession(options, ctx.signal);
	try {
		const { connection } = session;
		const server = await readServerInfo(connection);
		await pinDumpSession(connection, server);
		await connection.exec('SET SESSION TRANSACTION READ ONLY');
		const grants = await readGrants(connection, server, options.database);
		if (!isOpen) return closedDatabase(options.database, server, grants, content);
		const catalog = await readCatalog(connection);
		return await inspect({ connection, server, grants, catalog, content }, ctx);
	} finally {
		await session.close();
	}
}

/** An account without any right on the database cannot open it, but its grants can be told. */
async function openSession(
	{ endpoint, database }: InspectOptions,
	signal: AbortSignal,
): Promise<{ session: KillableSession; isOpen: boolean }> {
	try {
		return { session: await KillableSession.open(endpoint, database, signal), isOpen: true };
	} catch (error) {
		if (!(error instanceof EngineError) || error.code !== 'sql_privilege_missing') throw error;
		return { session: await KillableSession.open(endpoint, undefined, signal), isOpen: false };
	}
}

interface Scene {
	readonly connection: SqlConnection;
	readonly server: ServerInfo;
	readonly grants: Grants;
	readonly catalog: Catalog;
	readonly content: DumpContent;
}

async function inspect(scene: Scene, ctx: EngineContext): Promise<DatabaseInspection> {
	const { connection, server, grants, catalog, content } = scene;
	const invisible = invisibleParts(catalog, grants, server, content);
	const selection = selectContent(catalog, content);
	const selected = selection.catalog;
	const tables = await inspectTables(connection, selection, { server, content });
	const programs = await inspectPrograms(connection, selected, server, ctx.signal);
	const { statementBytes } = content;
	const largest = await largestStatement(connection, selection, {
		server,
		statementBytes,
		signal: ctx.signal,
	});
	const { views, leftOut } = await inspectViews(connection, selection);
	const definers = await inspectDefiners(connection, selected, server);
	const version = await readSchemaVersion(connection, catalog.database);
	const missing = [...invisible, ...missingLock(selection, grants, server), ...programs.missing];
	return {
		...frame(server, grants, catalog.database),
		database: {
			name: catalog.database,
			characterSet: catalog.characterSet,
			collation: catalog.collation,
		},
		schemaVersion: version.version,
		tables: tables.tables,
		engines: enginesOf(tables.tables),
		...objectsOf(selected),
		views,
		definers,
		leftOut: isWhole(leftOut) ? null : leftOut,
		largestStatement: largest,
		missingGrants: grantLines(missing, server),
		problems: [
			...missing.map(({ what }) => `${what}.`),
			...(content.routines && invisible.length === 0 && lacksRoutines(catalog)
				? [`Database ${catalog.database} has the tables of CaosDB but none of its routines.`]
				: []),
			...tables.problems,
			...programs.problems,
		],
		warnings: [
			...selection.warnings,
			...(isWhole(leftOut)
				? []
				: [`Left out of the dump as asked: ${leftOutPhrases(leftOut).join('; ')}.`]),
			...(await danglingReferences(connection, selection)),
			...tables.warnings,
			...version.warnings,
			...definerWarnings(definers, content),
			...packetWarnings(largest),
		],
	};
}

/** Tables that know no transactions must be locked. */
function missingLock(
	{ catalog, structureOnly }: ContentSelection,
	grants: Grants,
	server: ServerInfo,
): readonly MissingPrivilege[] {
	const loose = catalog.tables.find(
		({ name, transactional }) => !transactional && !structureOnly.has(name),
	);
	if (loose === undefined || grants.has('LOCK TABLES')) return [];
	const what = `The account ${server.account} lacks LOCK TABLES, which the dump of table ${loose.name} needs`;
	return [{ what, privilege: 'LOCK TABLES', on: allOf(catalog.database) }];
}

type Frame = Pick<
	DatabaseInspection,
	'server' | 'account' | 'tlsCipher' | 'snapshot' | 'recommendedGrants'
>;

function frame(server: ServerInfo, grants: Grants, database: string): Frame {
	const reload = grants.hasGlobal('RELOAD') || grants.hasGlobal('FLUSH_TABLES');
	const lockTables = grants.has('LOCK TABLES');
	const useful: MissingPrivilege[] = [
		...(reload ? [] : [{ what: '', privilege: 'RELOAD', on: '*.*' }]),
		...(lockTables ? [] : [{ what: '', privilege: 'LOCK TABLES', on: allOf(database) }]),
	];
	const { vendor, version, account, tlsCipher } = server;
	return {
		server: { vendor, version },
		account,
		tlsCipher,
		snapshot: { reload, lockTables },
		recommendedGrants: grantLines(useful, server),
	};
}

function objectsOf({
	sequences,
	views,
	routines,
	triggers,
	events,
}: Catalog): Pick<DatabaseInspection, 'sequences' | 'views' | 'routines' | 'triggers' | 'events'> {
	return {
		sequences,
		views: views.map(({ name }) => name),
		routines: routines.map(({ type, name }) => ({
			kind: type === 'FUNCTION' ? 'function' : 'procedure',
			name,
		})),
		triggers: triggers.map(({ name, table }) => ({ name, table })),
		events: events.map(({ name }) => name),
	};
}

function closedDatabase(
	database: string,
	server: ServerInfo,
	grants: Grants,
	content: DumpContent,
): DatabaseInspection {
	const nothing: Catalog = {
		...{ database, characterSet: '', collation: '', tables: [], sequences: [] },
		...{ views: [], routines: [], packages: [], triggers: [], events: [] },
	};
	const missing = invisibleParts(nothing, grants, server, content);
	return {
		...frame(server, grants, database),
		database: null,
		schemaVersion: null,
		tables: [],
		engines: [],
		...objectsOf(nothing),
		definers: [],
		leftOut: null,
		largestStatement: {
			bytes: content.statementBytes,
			maxAllowedPacket: server.maxAllowedPacket,
			complete: false,
		},
		missingGrants: grantLines(missing, server),
		problems: [
			`The account ${server.account} may not open database ${database}, or it does not exist.`,
			...missing.map(({ what }) => `${what}.`),
		],
		warnings: [],
	};
}

function definerWarnings(
	definers: readonly InspectedDefiner[],
	content: DumpContent,
): readonly string[] {
	if (content.definers.mode !== 'keep') return [];
	return definers
		.filter(({ exists }) => exists === false)
		.map(
			({ account, objects }) =>
				`${objects} views, routines, triggers or events belong to ${account}, an account that does not exist: they cannot be used.`,
		);
}

function packetWarnings({
	bytes,
	maxAllowedPacket,
	complete,
}: LargestStatement): readonly string[] {
	const size = `${Math.ceil(bytes / 1_000_000)} MB`;
	const unsure = complete
		? []
		: ['Not all large columns could be measured in time: a row may be larger than told.'];
	if (bytes < Math.min(maxAllowedPacket, USUAL_PACKET_BYTES)) return unsure;
	return [
		`One row needs a statement of about ${size}: the server that loads the dump needs a larger max_allowed_packet.`,
		...unsure,
	];
}
