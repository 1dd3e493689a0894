import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { JobInput, JobOutput } from '../../lib/worker/index.ts';
import { reportJson } from '../shared/backup-output.ts';
import { ItemBinaryStore } from '../shared/binary-store.ts';
import { openFolder } from '../shared/file-access.ts';
import { runServerJob } from '../shared/run-engine.ts';
import type { ItemOutput } from '../shared/run-items.ts';
import { type ServerAccess, serverAccessOf, serverHttp } from '../shared/server-credential.ts';
import { openSource } from '../shared/source.ts';

type Report = JobOutput<'xmlImport'>;
type Rules = NonNullable<JobInput<'xmlImport'>['rules']>;

const LISTS: Readonly<Record<string, JobInput<'xmlImport'>['list']>> = {
	all: 'all',
	changes: 'changes',
	summary: 'none',
};

function text(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
	return allowed.find((candidate) => candidate === value) ?? otherwise;
}

/** Host and port of the server, as a name for it. */
function nameOfServer({ place }: ServerAccess): string {
	return new URL(place.baseUrl).host.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
}

function pairOf(
	context: IExecuteFunctions,
	itemIndex: number,
	access: ServerAccess,
	options: IDataObject,
): JobInput<'xmlImport'>['pair'] {
	const source = text(context.getNodeParameter('sourceName', itemIndex, ''));
	if (source === '') {
		throw new EngineError('invalid_option', "'Source Name' is empty", {
			remedy:
				'Give a short name of the server that the entities come from, the same one in every import from there.',
		});
	}
	return { source, target: text(options.targetName) || nameOfServer(access) };
}

function rulesOf(context: IExecuteFunctions, itemIndex: number, options: IDataObject): Rules {
	const matchBy = oneOf(
		context.getNodeParameter('matchBy', itemIndex, 'name'),
		['name', 'properties', 'earlierImports'],
		'name',
	);
	const names =
		matchBy === 'properties'
			? text(context.getNodeParameter('identifyingProperties', itemIndex))
			: '';
	return {
		matchBy,
		identifyingProperties: names
			.split(/[\n,]/)
			.map((name) => name.trim())
			.filter((name) => name !== ''),
		onConflict: oneOf(
			context.getNodeParameter('onConflict', itemIndex, 'fail'),
			['fail', 'skip', 'update'],
			'fail',
		),
		onMissing: oneOf(options.onMissing, ['delete', 'ignore', 'report'], 'report'),
		onFailure: oneOf(options.onFailure, ['stop', 'undo'], 'stop'),
		otherVersions: oneOf(options.otherVersions, ['fail', 'newest'], 'fail'),
		...(typeof options.batchSize === 'number' ? { batchSize: options.batchSize } : {}),
		...(typeof options.parallel === 'number' ? { parallel: options.parallel } : {}),
	};
}

function requestRulesOf({ timeout }: IDataObject): { timeoutMs?: number } {
	return typeof timeout === 'number' && timeout > 0 ? { timeoutMs: timeout * 1000 } : {};
}

function outputOf(
	context: IExecuteFunctions,
	{ rows, ...report }: Report,
	withSummary: boolean,
): ItemOutput[] {
	const summary = reportJson(context, report);
	const entities = rows.map(({ differences, messages, ...flat }): ItemOutput => {
		return { json: { ...flat, differences: [...differences], messages: [...messages] } };
	});
	return withSummary ? [...entities, { json: summary }] : entities;
}

/** Imports what one item names, or says what an import would do. */
export async function importXml(
	context: IExecuteFunctions,
	itemIndex: number,
	{ isDryRun }: { readonly isDryRun: boolean },
): Promise<ItemOutput[]> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const access = await serverAccessOf(context, itemIndex);
	const pair = pairOf(context, itemIndex, access, options);
	const rules = rulesOf(context, itemIndex, options);
	const output = text(context.getNodeParameter('output', itemIndex, 'all'));
	const list = LISTS[output] ?? 'all';
	const mapFolder = text(context.getNodeParameter('idMapFolder', itemIndex));
	const store = new ItemBinaryStore(context);
	const { source, close } = await openSource(context, itemIndex, store);
	try {
		const folder = await openFolder(context.helpers, mapFolder, { create: true });
		try {
			const maps = { path: folder.path, displayPath: folder.displayPath };
			const requestRules = requestRulesOf(options);
			const input = { source, pair, maps, rules, requestRules, isDryRun, list };
			const http = serverHttp(context, access);
			const report = await runServerJob(context, 'xmlImport', input, { binary: store, http });
			return outputOf(context, report, list === 'none' || options.includeSummary === true);
		} finally {
			await folder.close();
		}
	} finally {
		await close();
	}
}
