import { entityChangeSample, entityChanges } from './entity-changes.ts';
import { fileRootArchive } from './file-root-archive.ts';
import { fileRootInspect } from './file-root-inspect.ts';
import { fileRootRehearsal } from './file-root-rehearsal.ts';
import { fileRootRestore } from './file-root-restore.ts';
import { fileRootRollBack } from './file-root-roll-back.ts';
import { fileRootVerify } from './file-root-verify.ts';
import { sqlBackup } from './sql-backup.ts';
import { sqlCheck } from './sql-check.ts';
import { sqlInspect } from './sql-inspect.ts';
import { sqlRehearsal } from './sql-rehearsal.ts';
import { sqlRestore } from './sql-restore.ts';
import { sqlRollBack } from './sql-roll-back.ts';
import { sqlTables } from './sql-tables.ts';
import { sqlVerify } from './sql-verify.ts';
import { xmlExport } from './xml-export.ts';
import { xmlExportItems } from './xml-export-items.ts';
import { xmlImport } from './xml-import.ts';

/** Every job of the product by its name: what a worker can be asked to do. */
export const JOBS = {
	entityChanges,
	entityChangeSample,
	fileRootArchive,
	fileRootInspect,
	fileRootRehearsal,
	fileRootRestore,
	fileRootRollBack,
	fileRootVerify,
	sqlBackup,
	sqlCheck,
	sqlInspect,
	sqlRehearsal,
	sqlRestore,
	sqlRollBack,
	sqlTables,
	sqlVerify,
	xmlExport,
	xmlExportItems,
	xmlImport,
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
