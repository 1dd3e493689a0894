import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { JobInput } from '../../lib/worker/index.ts';
import { backupOutput } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openDestination } from '../shared/destination.ts';
import { runServerJob } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { serverAccessOf, serverHttp } from '../shared/server-credential.ts';

type ExportOptions = JobInput<'xmlExport'>['export'];

const BYTES_PER_MB = 1_000_000;
const DEFAULT_MAX_ITEMS = 1000;

function parts(value: unknown, separator: RegExp): string[] {
	if (typeof value !== 'string' && typeof value !== 'number') return [];
	return String(value)
		.split(separator)
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

function selectionOf(context: IExecuteFunctions, itemIndex: number): ExportOptions['selection'] {
	const kind = context.getNodeParameter('selectBy', itemIndex);
	switch (kind) {
		case 'all':
			return { kind };
		case 'ids':
			return { kind, ids: parts(context.getNodeParameter('ids', itemIndex), /[\s,;]+/) };
		case 'names':
			return { kind, names: parts(context.getNodeParameter('names', itemIndex), /\n/) };
		default:
			return { kind: 'query', query: String(context.getNodeParameter('query', itemIndex)).trim() };
	}
}

function depthOf(context: IExecuteFunctions, itemIndex: number): number {
	const depth = context.getNodeParameter('referenceDepth', itemIndex, 1);
	if (typeof depth === 'number' && Number.isInteger(depth) && depth > 0) return depth;
	throw new EngineError('invalid_option', "'Reference Depth' is not a whole number above 0", {
		remedy: 'Give the number of steps.',
	});
}

function exportOptions(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): ExportOptions {
	const selection = selectionOf(context, itemIndex);
	const include =
		selection.kind === 'all'
			? []
			: (context.getNodeParameter('include', itemIndex, []) as string[]);
	return {
		selection,
		needed: include.includes('needed'),
		referenceDepth: include.includes('references') ? depthOf(context, itemIndex) : 0,
		backReferences: include.includes('backReferences'),
		ids: context.getNodeParameter('idMode', itemIndex) === 'keep' ? 'keep' : 'temporary',
		acl: options.permissions === true,
		state: options.state === true,
		versions: options.versions !== false,
	};
}

function rulesOf({ timeout }: IDataObject): JobInput<'xmlExport'>['requestRules'] & object {
	return typeof timeout === 'number' && timeout > 0 ? { timeoutMs: timeout * 1000 } : {};
}

async function asItems(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<ItemOutput[]> {
	const binary = new ItemBinaryStore(context);
	const http = serverHttp(context, await serverAccessOf(context, itemIndex));
	const limit = Number(options.maxItems ?? DEFAULT_MAX_ITEMS);
	const requestRules = rulesOf(options);
	const input = { export: exportOptions(context, itemIndex, options), limit, requestRules };
	const report = await runServerJob(context, 'xmlExportItems', input, { binary, http });
	for (const message of report.warnings) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return report.items.map((json) => ({ json: json as IDataObject }));
}

async function asFile(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<ItemOutput> {
	const binary = new ItemBinaryStore(context);
	const http = serverHttp(context, await serverAccessOf(context, itemIndex));
	const exported = exportOptions(context, itemIndex, options);
	const isBundle = context.getNodeParameter('format', itemIndex) !== 'document';
	const maxFileMb = Number(options.maxFileMb ?? 0);
	const target = await openDestination(context, itemIndex, { kind: 'entities' });
	try {
		const { destination, compression, verify } = target;
		const input: JobInput<'xmlExport'> = {
			export: exported,
			format: isBundle ? 'bundle' : 'document',
			documentName:
				options.documentName === 'linkahead_data.xml' ? 'linkahead_data.xml' : 'caosdb_data.xml',
			files: {
				download: isBundle && options.fileContents !== false,
				...(maxFileMb > 0 ? { maxBytes: maxFileMb * BYTES_PER_MB } : {}),
			},
			roles: parts(options.roles, /\n/),
			requestRules: rulesOf(options),
			...{ destination, compression, verify },
		};
		const report = await runServerJob(context, 'xmlExport', input, { binary, http });
		return backupOutput(context, itemIndex, report, binary);
	} finally {
		await target.close();
	}
}

/** Exports what one item selects. */
export async function exportXml(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ItemOutput | ItemOutput[]> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const isItems = context.getNodeParameter('destination', itemIndex) === 'items';
	return isItems
		? await asItems(context, itemIndex, options)
		: await asFile(context, itemIndex, options);
}
