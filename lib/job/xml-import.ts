import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Folder, acquireLock, checkInstanceName } from '../artifact/index.ts';
import { EngineError, type JobContext, fileError, makeFolder } from '../core/index.ts';
import {
	CaosDbClient,
	EntityImport,
	IMPORT_ACTIONS,
	type ImportAction,
	type ImportCounts,
	type ImportRow,
	type ImportRules,
	type RequestRules,
	resolveImportRules,
} from '../entity/index.ts';
import { EntitySource } from './entity-source.ts';
import { RemarkLog } from './remark-log.ts';
import { type JobReport, counted, durationText, timesSince } from './report.ts';
import type { Source } from './source.ts';

/** Which entities the report lists. */
export const IMPORT_LISTS = ['all', 'changes', 'none'] as const;
export type ImportList = (typeof IMPORT_LISTS)[number];

export interface XmlImportInput {
	readonly source: Source;
	/** Short names of the two servers: they tell which id map is theirs. */
	readonly pair: { readonly source: string; readonly target: string };
	/** Folder of the id maps of all pairs. */
	readonly maps: Folder;
	readonly rules?: Partial<ImportRules>;
	/** Default as the client's. */
	readonly requestRules?: Partial<RequestRules>;
	/** Only plan: nothing is changed, neither on the target nor in the id map. */
	readonly isDryRun: boolean;
	readonly list: ImportList;
}

export interface XmlImportReport extends JobReport {
	readonly source: string;
	readonly isDryRun: boolean;
	readonly counts: ImportCounts;
	/** At most 100,000, see `warnings`. */
	readonly rows: readonly ImportRow[];
	readonly backupSet?: string;
}

/** More items than this would fill the memory of n8n. */
const ROWS_MAX = 100_000;

interface Places {
	readonly map: Folder;
	readonly back: Folder;
	readonly journal: Folder;
	readonly work: Folder;
	readonly lock: Folder;
}

function placesOf({ maps, pair }: XmlImportInput): Places {
	const source = checkInstanceName(pair.source);
	const target = checkInstanceName(pair.target);
	if (source === target) {
		throw new EngineError('invalid_option', `Source and target have the same name '${source}'`, {
			remedy: 'Give the two servers different names, the same ones in every workflow.',
		});
	}
	const place = (name: string): Folder => ({
		path: join(maps.path, name),
		displayPath: join(maps.displayPath, name),
	});
	const stem = `${source}_to_${target}`;
	return {
		map: place(`${stem}.jsonl`),
		back: place(`${target}_to_${source}.jsonl`),
		journal: place(`${stem}.journal`),
		work: place(`${stem}.work`),
		lock: place(`.${stem}.lock`),
	};
}

const DONE: Readonly<Record<ImportAction, string>> = {
	insert: 'inserted',
	update: 'updated',
	unchanged: 'unchanged',
	conflict: 'in conflict',
	skip: 'skipped',
	missing: 'missing in the source',
	delete: 'deleted',
};

const PLANNED: Readonly<Record<ImportAction, string>> = {
	...DONE,
	insert: 'to insert',
	update: 'to update',
	skip: 'to skip',
	delete: 'to delete',
};

function countsText(counts: ImportCounts, words: Readonly<Record<ImportAction, string>>): string {
	const parts = IMPORT_ACTIONS.filter((action) => counts[action] > 0).map(
		(action) => `${counts[action].toLocaleString('en-US')} ${words[action]}`,
	);
	return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

function listed(run: EntityImport, list: ImportList): { rows: ImportRow[]; left: number } {
	const rows: ImportRow[] = [];
	let left = 0;
	if (list === 'none') return { rows, left };
	for (const row of run.rows()) {
		if (list === 'changes' && row.action === 'unchanged' && row.messages.length === 0) continue;
		if (rows.length < ROWS_MAX) rows.push(row);
		else left++;
	}
	return { rows, left };
}

async function execute(run: EntityImport, bundle: EntitySource, work: Folder, context: JobContext) {
	const contentOf = await bundle.contents(run.neededFiles(), work);
	await run.execute(contentOf, context);
}

async function importBundle(
	input: XmlImportInput,
	places: Places,
	context: JobContext,
): Promise<XmlImportReport> {
	const start = new Date();
	const { isDryRun, pair, list } = input;
	const remarks = new RemarkLog();
	const client = new CaosDbClient({
		...{ http: context.ports.http, signal: context.signal, rules: input.requestRules ?? {} },
		onRemark: remarks.add,
	});
	const bundle = await EntitySource.open(input.source, context);
	const run = await EntityImport.plan(
		{
			...{ client, entities: bundle.entities(), pair, ...places, isDryRun },
			rules: resolveImportRules(input.rules),
			hasContent: (path) => bundle.hasContent(path),
		},
		context,
	);
	try {
		if (!isDryRun) await execute(run, bundle, places.work, context);
		const { rows, left } = listed(run, list);
		const { counts } = run;
		const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
		const times = timesSince(start);
		const entities = counted(total, 'entity', 'entities');
		const summary = isDryRun
			? `${bundle.name} has ${entities} for ${pair.target}: ${countsText(counts, PLANNED)}. Nothing was changed.`
			: `${entities} of ${bundle.name} were imported into ${pair.target} in ${durationText(times.durationMs)}: ${countsText(counts, DONE)}.`;
		const notListed = `${counted(left, 'entity', 'entities')} beyond ${ROWS_MAX.toLocaleString('en-US')} are not listed.`;
		return {
			...{ kind: isDryRun ? 'xmlImportPlan' : 'xmlImport', status: 'complete', isDryRun },
			source: bundle.name,
			...(bundle.set === undefined ? {} : { backupSet: bundle.set }),
			...{ ...times, summary, counts, rows },
			warnings: [
				...bundle.warnings,
				...run.warnings,
				...(left > 0 ? [notListed] : []),
				...remarks.lines(),
			],
			details: { ...counts, idMap: places.map.displayPath },
		};
	} finally {
		run.close();
	}
}

/**
 * Imports entities, and the contents of their files, into the server behind the HTTP port. Throws
 * `import_conflict` before anything is changed, `import_undecided`, `set_busy` while another import of the same
 * pair runs, and what source and server throw.
 */
export async function xmlImport(
	input: XmlImportInput,
	context: JobContext,
): Promise<XmlImportReport> {
	const places = placesOf(input);
	try {
		await makeFolder(input.maps.path);
	} catch (error) {
		throw fileError(error, input.maps.displayPath);
	}
	const lock = await acquireLock(places.lock.path, places.map.displayPath);
	try {
		// What a dead run left behind.
		await rm(places.work.path, { recursive: true, force: true });
		await mkdir(places.work.path, { mode: 0o700 });
		await mkdir(places.journal.path, { mode: 0o700, recursive: true });
		return await importBundle(input, places, context);
	} finally {
		await rm(places.work.path, { recursive: true, force: true });
		await lock.release();
	}
}
