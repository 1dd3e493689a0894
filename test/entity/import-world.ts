import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import {
	CaosDbClient,
	type Entity,
	EntityImport,
	type FileContent,
	type ImportCounts,
	type ImportRow,
	type ImportRules,
	resolveImportRules,
} from '../../lib/entity/index.ts';
import type { Emulator } from '../emulator/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { documentOf } from './read-document.ts';
import { QUICK_RULES, emulatorHttp } from './test-client.ts';

export interface ImportOptions {
	readonly rules?: Partial<ImportRules>;
	/** Contents by path, which begins with a slash. */
	readonly files?: Readonly<Record<string, Buffer>>;
	readonly isDryRun?: boolean;
	/** Names of source and target; default `a` and `b`. */
	readonly pair?: readonly [string, string];
	readonly signal?: AbortSignal;
}

export interface Imported {
	readonly counts: ImportCounts;
	readonly rows: readonly ImportRow[];
	readonly warnings: readonly string[];
}

export function clientOf(emulator: Emulator, signal = new AbortController().signal): CaosDbClient {
	return new CaosDbClient({ http: emulatorHttp(emulator), signal, rules: QUICK_RULES });
}

function contentsOf(files: Readonly<Record<string, Buffer>>) {
	return (path: string): FileContent | undefined => {
		const content = files[path];
		if (content === undefined) return undefined;
		async function* chunks(): AsyncGenerator<Uint8Array> {
			if (content !== undefined) yield content;
		}
		return {
			bytes: content.length,
			sha512: createHash('sha512').update(content).digest('hex'),
			open: async () => chunks(),
		};
	};
}

/** Imports with id maps that stay from one import to the next. */
export class ImportWorld {
	readonly folder: string;

	private constructor(folder: string) {
		this.folder = folder;
	}

	static async open(): Promise<ImportWorld> {
		return new ImportWorld(await temporaryFolder());
	}

	/** Imports a document. */
	async import(
		emulator: Emulator,
		source: string | readonly Entity[],
		options: ImportOptions = {},
	): Promise<Imported> {
		const { rules, files = {}, isDryRun = false, pair: [from, to] = ['a', 'b'], signal } = options;
		const context = { signal: signal ?? new AbortController().signal, progress: NO_PROGRESS };
		const place = (name: string) => ({ path: join(this.folder, name), displayPath: name });
		const [work, journal] = [place('work'), place(`${from}-${to}.journal`)];
		await mkdir(work.path);
		await mkdir(journal.path, { recursive: true });
		const run = await EntityImport.plan(
			{
				client: clientOf(emulator, context.signal),
				entities: typeof source === 'string' ? documentOf(source).entities() : listed(source),
				pair: { source: from, target: to },
				...{ map: place(`${from}-${to}`), back: place(`${to}-${from}`), journal, work, isDryRun },
				rules: resolveImportRules(rules),
				...{ hasContent: (path) => path in files, waitMs: 1 },
			},
			context,
		).finally(async () => await rm(work.path, { recursive: true }));
		try {
			if (!isDryRun) await run.execute(contentsOf(files), context);
			return { counts: run.counts, rows: [...run.rows()], warnings: run.warnings };
		} finally {
			run.close();
		}
	}
}

async function* listed(entities: readonly Entity[]): AsyncGenerator<Entity> {
	yield* entities;
}

/** The actions that occur, and how often. */
export function happened({ counts }: Pick<Imported, 'counts'>): Record<string, number> {
	return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** All entities of the target but the server's own, in the order of their ids. */
export async function allOf(emulator: Emulator): Promise<Entity[]> {
	const found: Entity[] = [];
	for await (const { entities } of clientOf(emulator).query('FIND ENTITY')) found.push(...entities);
	return found;
}
