import { fileRootArchive } from './file-root-archive.ts';
import { fileRootRestore } from './file-root-restore.ts';
import { sqlBackup } from './sql-backup.ts';
import { sqlCheck } from './sql-check.ts';
import { sqlRehearsal } from './sql-rehearsal.ts';
import { sqlRestore } from './sql-restore.ts';
import { sqlRollBack } from './sql-roll-back.ts';
import { sqlVerify } from './sql-verify.ts';

/** Every job of the product by its name: what a worker can be asked to do. */
export const JOBS = {
	fileRootArchive,
	fileRootRestore,
	sqlBackup,
	sqlCheck,
	sqlRehearsal,
	sqlRestore,
	sqlRollBack,
	sqlVerify,
};

export type { Destination } from './destination.ts';
export type { FileRootArchiveInput } from './file-root-archive.ts';
export type { FileRootRestoreInput, FileRootRestoreReport } from './file-root-restore.ts';
export type { BackupReport, JobReport } from './report.ts';
export type { Source } from './source.ts';
export type { SqlBackupInput } from './sql-backup.ts';
export type { SqlCheckInput } from './sql-check.ts';
export type { SqlRestoreInput, SqlRestoreReport } from './sql-restore.ts';
export type { SqlRehearsalInput, SqlRehearsalReport } from './sql-rehearsal.ts';
export type { SqlRollBackInput, SqlRollBackReport } from './sql-roll-back.ts';
export type { SqlVerifyInput, SqlVerifyReport } from './sql-verify.ts';
