import type { JobContext } from '../core/index.ts';

type Job<Input, Output> = (input: Input, context: JobContext) => Promise<Output>;

/** A job whose module, with all that it needs, is loaded when it is first run: most need no database client. */
function later<Input, Output>(load: () => Promise<Job<Input, Output>>): Job<Input, Output> {
	return async (input, context) => await (await load())(input, context);
}

/** Every job of the product by its name: what a worker can be asked to do. */
export const JOBS = {
	entityChanges: later(async () => (await import('./entity-changes.ts')).entityChanges),
	entityChangeSample: later(async () => (await import('./entity-changes.ts')).entityChangeSample),
	fileRootArchive: later(async () => (await import('./file-root-archive.ts')).fileRootArchive),
	fileRootInspect: later(async () => (await import('./file-root-inspect.ts')).fileRootInspect),
	fileRootRehearsal: later(
		async () => (await import('./file-root-rehearsal.ts')).fileRootRehearsal,
	),
	fileRootRestore: later(async () => (await import('./file-root-restore.ts')).fileRootRestore),
	fileRootRollBack: later(async () => (await import('./file-root-roll-back.ts')).fileRootRollBack),
	fileRootVerify: later(async () => (await import('./file-root-verify.ts')).fileRootVerify),
	sqlBackup: later(async () => (await import('./sql-backup.ts')).sqlBackup),
	sqlCheck: later(async () => (await import('./sql-check.ts')).sqlCheck),
	sqlInspect: later(async () => (await import('./sql-inspect.ts')).sqlInspect),
	sqlRehearsal: later(async () => (await import('./sql-rehearsal.ts')).sqlRehearsal),
	sqlRestore: later(async () => (await import('./sql-restore.ts')).sqlRestore),
	sqlRollBack: later(async () => (await import('./sql-roll-back.ts')).sqlRollBack),
	sqlTables: later(async () => (await import('./sql-tables.ts')).sqlTables),
	sqlVerify: later(async () => (await import('./sql-verify.ts')).sqlVerify),
	xmlExport: later(async () => (await import('./xml-export.ts')).xmlExport),
	xmlExportItems: later(async () => (await import('./xml-export-items.ts')).xmlExportItems),
	xmlImport: later(async () => (await import('./xml-import.ts')).xmlImport),
};

export type { Destination } from './destination.ts';
export type {
	EntityChangeItem,
	EntityChangesInput,
	EntityChangesReport,
} from './entity-changes.ts';
export type { ExtraFolder } from './extra-folders.ts';
export type { FileRootArchiveInput } from './file-root-archive.ts';
export type { FileRootInspectInput, FileRootInspectReport } from './file-root-inspect.ts';
export type { FileRootRehearsalInput, FileRootRehearsalReport } from './file-root-rehearsal.ts';
export type {
	FileRootRestoreInput,
	FileRootRestoreReport,
	FileRootTarget,
} from './file-root-restore.ts';
export type { FileRootRollBackReport } from './file-root-roll-back.ts';
export type { FileRootVerifyReport } from './file-root-verify.ts';
export type { IncrementalOptions } from './increment-base.ts';
export type { MemberChanges, MemberLimits } from '../tree/index.ts';
export type { BackupReport, JobReport } from './report.ts';
export type { Source } from './source.ts';
export type { SqlBackupInput } from './sql-backup.ts';
export type { SqlCheckInput } from './sql-check.ts';
export type { SqlInspectInput, SqlInspectReport } from './sql-inspect.ts';
export type { SqlRestoreInput, SqlRestoreReport } from './sql-restore.ts';
export type { SqlRehearsalInput, SqlRehearsalReport } from './sql-rehearsal.ts';
export type { SqlRollBackInput, SqlRollBackReport } from './sql-roll-back.ts';
export type { SqlTablesInput, TableChoice } from './sql-tables.ts';
export type { SqlVerifyInput, SqlVerifyReport } from './sql-verify.ts';
export type { FileRootSelection } from './tree-archive.ts';
export type { DocumentName, XmlExportInput } from './xml-export.ts';
export type { XmlExportItemsReport } from './xml-export-items.ts';
export type { ImportList, XmlImportInput, XmlImportReport } from './xml-import.ts';
