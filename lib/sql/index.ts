/** Dump and restore of one MariaDB or MySQL database. Knows nothing of n8n. */
export type { SqlEndpoint, SqlTls } from './endpoint.ts';
export type { SshLogin, SshTunnel } from './ssh-endpoint.ts';
export type { ServerInfo } from './server-info.ts';
export { checkConnection } from './check-connection.ts';
export type {
	DumpedDatabase,
	DumpedRoutine,
	DumpedTable,
	DumpedTrigger,
	DumpServer,
	DumpSnapshot,
	DumpSummary,
} from './dump-summary.ts';
export {
	CONNECTIONS_MAX,
	DUMP_CONTENT_DEFAULTS,
	type DumpContentOptions,
	type DumpDefiners,
} from './dump-content.ts';
export { dumpDatabase, type DumpOptions } from './dump-database.ts';
export { type FileRow, type FileRows, readFileRows } from './file-row-lines.ts';
export { inspectDatabase, type InspectOptions } from './inspect-database.ts';
export type { DatabaseInspection } from './inspection.ts';
export { type ListedTable, listTables } from './list-tables.ts';
export type { LeftOut } from './left-out.ts';
export type { DumpCheck } from './dump-check.ts';
export type { DumpFrame, FramedDump } from './framed-dump.ts';
export { checkDump } from './check-dump.ts';
export { addChecksums, RowChecksum, type TableChecksum } from './row-checksum.ts';
export { type ChecksumPlan, planTableChecksums, readTableChecksum } from './table-checksum.ts';
export type { ExpectedContent, RestoreReport } from './restore-report.ts';
export { restoreDatabase, type RestoreOptions } from './restore-database.ts';
export { type RollBackOptions, type RollBackReport, rollBackDatabase } from './roll-back.ts';
export {
	type Obstacle,
	type PreflightOptions,
	type PreflightReport,
	checkRestore,
	demandNoObstacle,
} from './preflight.ts';
export {
	type RehearsalOptions,
	type RehearsalReport,
	rehearseRestore,
} from './rehearse-restore.ts';
