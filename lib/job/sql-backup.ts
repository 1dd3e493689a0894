import type { Compression } from '../artifact/index.ts';
import { type JobContext, TOOL } from '../core/index.ts';
import { type DumpSummary, type SqlEndpoint, dumpDatabase } from '../sql/index.ts';
import { type Destination, storeArtifact } from './destination.ts';
import { type BackupReport, backupReport, counted } from './report.ts';

export interface SqlBackupInput {
	readonly endpoint: SqlEndpoint;
	readonly database: string;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
}

function contents({ tables, routines, views, triggers, events }: DumpSummary): string {
	const rows = tables.reduce((sum, table) => sum + table.rows, 0);
	const objects = [
		[views.length, 'view'],
		[routines.length, 'routine'],
		[triggers.length, 'trigger'],
		[events.length, 'event'],
	] as const;
	const more = objects.filter(([count]) => count > 0).map(([count, name]) => counted(count, name));
	return [`${counted(tables.length, 'table')} with ${counted(rows, 'row')}`, ...more].join(', ');
}

/** Dumps one database to a destination. */
export async function sqlBackup(input: SqlBackupInput, context: JobContext): Promise<BackupReport> {
	const start = new Date();
	const { endpoint, database, destination, compression, verify } = input;
	let summary: (() => DumpSummary) | undefined;
	const stored = await storeArtifact(
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
		async () => {
			const tool = `${TOOL.name} ${TOOL.version}`;
			const dump = await dumpDatabase({ endpoint, database, tool }, context);
			summary = () => dump.summary();
			return { chunks: dump.chunks, details: () => ({ ...dump.summary() }) };
		},
		context,
	);
	const dumped = summary?.();
	const what = dumped === undefined ? '' : `: ${contents(dumped)}`;
	return backupReport('sql', start, stored, {
		subject: `Database ${database}`,
		contents: what,
		warnings: dumped?.warnings ?? [],
		details: { ...dumped },
	});
}
