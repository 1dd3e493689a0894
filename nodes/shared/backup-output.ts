import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { BackupReport, JobReport } from '../../lib/job/index.ts';
import type { ItemBinaryStore } from './binary-store.ts';
import type { ItemOutput } from './run-items.ts';

/** The report as the item's JSON; warnings also become hints of the run. */
export function reportJson(context: IExecuteFunctions, report: JobReport): IDataObject {
	for (const message of report.warnings) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	const { details, warnings, ...flat } = report;
	return { ...flat, warnings: [...warnings], details: { ...details } };
}

/** Output of a backup node: the report, and the file when it went into a binary field. */
export function backupOutput(
	context: IExecuteFunctions,
	itemIndex: number,
	report: BackupReport,
	store: ItemBinaryStore,
): ItemOutput {
	const { binaryId, ...rest } = report;
	const json = reportJson(context, rest);
	const given = context.getInputData()[itemIndex]?.binary ?? {};
	if (binaryId === undefined) return { json, binary: given };
	const field = context.getNodeParameter('outputField', itemIndex, 'data') as string;
	return { json, binary: { ...given, [field]: store.stored(binaryId) } };
}
