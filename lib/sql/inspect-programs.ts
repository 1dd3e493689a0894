import { EngineError, throwIfAborted } from '../core/index.ts';
import type { Catalog } from './catalog.ts';
import { text } from './cells.ts';
import { readColumns } from './column-plan.ts';
import type { SqlConnection } from './connection.ts';
import { type ProgramKind, readDefinition } from './definitions.ts';
import type { DumpDefiners } from './dump-content.ts';
import { quoteIdentifier } from './identifiers.ts';
import type { InspectedDefiner } from './inspection.ts';
import { type LeftOut, isWhole } from './left-out.ts';
import { planViews } from './plan-views.ts';
import { type MissingPrivilege, allOf, routineBodyPrivilege } from './privilege-errors.ts';
import { routineKind } from './program-plan.ts';
import type { ContentSelection } from './select-content.ts';
import type { ServerInfo } from './server-info.ts';

export interface ProgramFindings {
	readonly missing: readonly MissingPrivilege[];
	readonly problems: readonly string[];
}

interface Program {
	readonly kind: ProgramKind;
	readonly name: string;
}

function programsOf(catalog: Catalog, problems: string[]): readonly Program[] {
	const { views, routines, packages, triggers, events } = catalog;
	const of = (kind: ProgramKind) => (object: { readonly name: string }) => ({
		kind,
		name: object.name,
	});
	return [
		...views.map(of('VIEW')),
		...[...routines, ...packages].flatMap((routine) => {
			try {
				return [{ kind: routineKind(routine), name: routine.name }];
			} catch (error) {
				if (!(error instanceof EngineError)) throw error;
				problems.push(`${error.message}. ${error.remedy ?? ''}`.trim());
				return [];
			}
		}),
		...triggers.map(of('TRIGGER')),
		...events.map(of('EVENT')),
	];
}

/** Reads every definition as a dump would, and keeps what hinders instead of ending at the first. */
export async function inspectPrograms(
	connection: SqlConnection,
	catalog: Catalog,
	server: ServerInfo,
	signal: AbortSignal,
): Promise<ProgramFindings> {
	const missing: MissingPrivilege[] = [];
	const problems: string[] = [];
	const keep = (error: unknown, { kind, name }: Program) => {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		const label = `${kind.charAt(0)}${kind.slice(1).toLowerCase()} ${name}`;
		if (error.code === 'sql_privilege_missing') {
			const { privilege, on } = PRIVILEGE_OF[kind](server, catalog.database);
			missing.push({ what: `${label} is hidden from ${server.account}`, privilege, on });
		} else problems.push(`${label} cannot be read: ${error.message}.`);
	};
	for (const program of programsOf(catalog, problems)) {
		throwIfAborted(signal);
		try {
			await readProgram(connection, program);
		} catch (error) {
			keep(error, program);
		}
	}
	return { missing, problems };
}

/** The server hides a body by NULL, and a view that does not work shows only when it is used. */
async function readProgram(connection: SqlConnection, { kind, name }: Program): Promise<void> {
	const definition = await readDefinition(connection, kind, name);
	if (definition === undefined) {
		throw new EngineError('sql_privilege_missing', `The body of ${name} is hidden`);
	}
	if (kind === 'VIEW') await connection.rows(`SELECT 1 FROM ${quoteIdentifier(name)} LIMIT 0`);
}

type Needed = (server: ServerInfo, database: string) => { privilege: string; on: string };

const onDatabase =
	(privilege: string): Needed =>
	(_server, database) => ({ privilege, on: allOf(database) });

const PRIVILEGE_OF: Readonly<Record<ProgramKind, Needed>> = {
	FUNCTION: routineBodyPrivilege,
	PROCEDURE: routineBodyPrivilege,
	PACKAGE: routineBodyPrivilege,
	'PACKAGE BODY': routineBodyPrivilege,
	VIEW: onDatabase('SELECT, SHOW VIEW'),
	TRIGGER: onDatabase('TRIGGER'),
	EVENT: onDatabase('EVENT'),
};

const KEEP: DumpDefiners = { mode: 'keep' };

/** The views that a dump would hold, and what would be left out with those that read skipped tables. */
export async function inspectViews(
	connection: SqlConnection,
	selection: ContentSelection,
): Promise<{ readonly views: readonly string[]; readonly leftOut: LeftOut }> {
	const { catalog, leftOut } = selection;
	const names = catalog.views.map(({ name }) => name);
	if (isWhole(leftOut)) return { views: names, leftOut };
	try {
		const columns = await readColumns(connection, catalog.database);
		const { dropped } = await planViews(connection, selection, columns, KEEP);
		return {
			views: names.filter((name) => !dropped.has(name)),
			leftOut: { ...leftOut, views: [...leftOut.views, ...dropped.keys()].sort() },
		};
	} catch (error) {
		// The view that hinders this was found and told before.
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return { views: names, leftOut };
	}
}

/** Who owns what would be dumped, and whether those accounts exist. */
export async function inspectDefiners(
	connection: SqlConnection,
	{ views, routines, packages, triggers, events }: Catalog,
	server: ServerInfo,
): Promise<readonly InspectedDefiner[]> {
	const objects = new Map<string, number>();
	for (const { definer } of [views, routines, packages, triggers, events].flat()) {
		objects.set(definer, (objects.get(definer) ?? 0) + 1);
	}
	if (objects.size === 0) return [];
	const accounts = await readAccounts(connection);
	return [...objects].sort().map(([account, count]) => ({
		account,
		objects: count,
		exists: account === server.account ? true : (accounts?.has(account) ?? null),
	}));
}

/** `undefined` when the account may not see them. */
async function readAccounts(connection: SqlConnection): Promise<ReadonlySet<string> | undefined> {
	try {
		const { rows } = await connection.rows("SELECT CONCAT(User, '@', Host) FROM mysql.user");
		return new Set(rows.map((row) => text(row[0])));
	} catch (error) {
		if (!(error instanceof EngineError) || !connection.usable) throw error;
		return undefined;
	}
}
