import type { Compression } from '../artifact/index.ts';
import { type JobContext, TOOL } from '../core/index.ts';
import {
	type DumpContentOptions,
	type DumpSummary,
	type LeftOut,
	type SqlEndpoint,
	dumpDatabase,
} from '../sql/index.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { withDumpContext } from './dump-context.ts';
import { type BackupReport, backupReport, counted } from './report.ts';
import { SetCrossCheck } from './set-cross-check.ts';

export interface SqlBackupInput {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
	/** Absent: the whole database. */
	readonly content?: DumpContentOptions;
	/** Whether files that the database lists may be missing in the file root of the set. Default: no. */
	readonly allowMissingFiles?: boolean;
}

const FILE_ROWS = { role: 'fileRows', extension: '.files.jsonl' } as const;

function contents(summary: DumpSummary): string {
	const { tables, routines, views, triggers, events, leftOut } = summary;
	const rows = tables.reduce((sum, table) => sum + table.rows, 0);
	const objects = [
		[views.length, 'view'],
		[routines.length, 'routine'],
		[triggers.length, 'trigger'],
		[events.length, 'event'],
	] as const;
	const more = objects.filter(([count]) => count > 0).map(([count, name]) => counted(count, name));
	const list = [`${counted(tables.length, 'table')} with ${counted(rows, 'row')}`, ...more];
	return list.join(', ') + (leftOut === null ? '' : `; left out as asked: ${without(leftOut)}`);
}

function without(leftOut: LeftOut): string {
	const kinds = [
		[leftOut.tables.length, 'table'],
		[leftOut.views.length, 'view'],
		[leftOut.routines.length, 'routine'],
		[leftOut.triggers.length, 'trigger'],
		[leftOut.events.length, 'event'],
	] as const;
	const absent = kinds.filter(([count]) => count > 0).map(([count, name]) => counted(count, name));
	const rowsOf = leftOut.rowsOf.length;
	return [...absent, ...(rowsOf === 0 ? [] : [`the rows of ${counted(rowsOf, 'table')}`])].join(
		', ',
	);
}

/** Dumps one database to a destination. */
export async function sqlBackup(input: SqlBackupInput, context: JobContext): Promise<BackupReport> {
	const start = new Date();
	const { endpoint, database, destination, compression, verify, content = {} } = input;
	let summary: (() => DumpSummary) | undefined;
	const check = new SetCrossCheck(input, context);
	const status = () => (check.isPartial ? ('partial' as const) : ('complete' as const));
	const store = async (dumping: JobContext) =>
		await storeArtifact(
			destination,
			{
				kind: 'sql',
				stem: 'caosdb',
				extension: '.dump.sql',
				mimeType: 'application/sql',
				compression,
				verify,
				framed: true,
			},
			async (set) => {
				const tool = `${TOOL.name} ${TOOL.version}`;
				const fileRows = set === undefined ? {} : { fileRows: () => set.companion(FILE_ROWS) };
				const options = { endpoint, database, tool, content, ...fileRows };
				const dump = await dumpDatabase(options, dumping);
				summary = () => dump.summary();
				return {
					chunks: dump.chunks,
					beforeListed: async (written) => await check.run(written),
					details: () => ({ ...dump.summary(), ...check.details }),
					status,
				};
			},
			context,
		);
	const stored = await withDumpContext(context, store);
	const dumped = summary?.();
	const what = dumped === undefined ? '' : `: ${contents(dumped)}`;
	const report = backupReport('sql', start, stored, {
		subject: `Database ${database}`,
		contents: what + check.text,
		warnings: [...(dumped?.warnings ?? []), ...check.warnings],
		details: { ...dumped, ...check.details },
	});
	return { ...report, status: status() };
}
