import { fileRootArchive } from './file-root-archive.ts';
import { fileRootRestore } from './file-root-restore.ts';
import { sqlBackup } from './sql-backup.ts';
import { sqlCheck } from './sql-check.ts';
import { sqlInspect } from './sql-inspect.ts';
import { sqlRestore } from './sql-restore.ts';
import { sqlTables } from './sql-tables.ts';

/** Every job of the product by its name: what a worker can be asked to do. */
export const JOBS = {
	fileRootArchive,
	fileRootRestore,
	sqlBackup,
	sqlCheck,
	sqlInspect,
	sqlRestore,
	sqlTables,
};

export type { Destination } from './destination.ts';
export type { FileRootArchiveInput } from './file-root-archive.ts';
export type { FileRootRestoreInput, FileRootRestoreReport } from './file-root-restore.ts';
export type { BackupReport, JobReport } from './report.ts';
export type { Source } from './source.ts';
export type { SqlBackupInput } from './sql-backup.ts';
export type { SqlCheckInput } from './sql-check.ts';
export type { SqlInspectInput, SqlInspectReport } from './sql-inspect.ts';
export type { SqlRestoreInput, SqlRestoreReport } from './sql-restore.ts';
export type { SqlTablesInput, TableChoice } from './sql-tables.ts';
