import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type BaseEntry, type Folder, type Manifest, readManifest } from '../artifact/index.ts';
import { EngineError, INCREMENTS_MAX_DEFAULT, type JobContext } from '../core/index.ts';
import {
	type ChainLink,
	assertIndexWhole,
	findChain,
	neighbour,
	placeOfSet,
	readLinkIndex,
} from './archive-chain.ts';
import type { SetAtHand } from './artifact-plan.ts';

/** How an archive is to be incremental. Plain data. */
export interface IncrementalOptions {
	/** So many increments may follow a full archive; the next one is full again. Default: INCREMENTS_MAX_DEFAULT. */
	readonly incrementsMax?: number;
	/** Whether to read and compare files that look unchanged. Default: no. */
	readonly comparesContent?: boolean;
}

/** What an archive is made against. */
export interface FoundBase {
	readonly entry: BaseEntry;
	/** Which archive of the chain the new one is. */
	readonly part: number;
	openIndex(): AsyncIterable<Uint8Array>;
}

export interface BaseSearch {
	/** Absent: the archive is to be a full one. */
	readonly base?: FoundBase;
	/** Why there is none although earlier sets are there. */
	readonly warnings: readonly string[];
}

const SET_NAME = /^\d{8}T\d{6}Z$/;

/** Sets of the same instance that are older, newest first. */
async function olderSets(set: Folder): Promise<string[]> {
	const place = await placeOfSet(set);
	const own = place.path.slice(dirname(place.path).length + 1);
	const names = await readdir(dirname(place.path));
	return names
		.filter((name) => SET_NAME.test(name) && name < own)
		.sort()
		.reverse();
}

function isUsable({ state, artifacts }: Manifest): boolean {
	const archive = artifacts.find(({ kind }) => kind === 'fileRoot');
	const hasIndex = archive?.companions?.some(({ role }) => role === 'index') === true;
	return hasIndex && (state === 'complete' || state === 'partial');
}

/** The newest finished set before this one whose file root has an index. */
async function newestUsable(
	set: Folder,
	context: JobContext,
): Promise<{ readonly set: Folder; readonly manifest: Manifest } | undefined> {
	for (const time of await olderSets(set)) {
		const older = await neighbour(set, time, context);
		if (older === undefined) continue;
		const manifest = await readManifest(older).catch(() => undefined);
		if (manifest !== undefined && isUsable(manifest)) return { set: older, manifest };
	}
	return undefined;
}

async function foundBase(link: ChainLink, part: number, context: JobContext): Promise<FoundBase> {
	// Known to be whole before anything is written: then a full archive can be made instead.
	await assertIndexWhole(link, context.signal);
	return {
		entry: { set: link.id, sha256: link.artifact.sha256 },
		part,
		openIndex: () => readLinkIndex(link, context.signal),
	};
}

/**
 * Looks for the archive that a new one is made against. A chain that is broken or long enough is not made
 * longer: a full archive begins the next one. Throws `invalid_option`.
 */
export async function findBase(
	{ folder }: SetAtHand,
	{ incrementsMax = INCREMENTS_MAX_DEFAULT }: IncrementalOptions,
	context: JobContext,
): Promise<BaseSearch> {
	if (!(incrementsMax >= 1)) {
		throw new EngineError('invalid_option', 'The number of incremental archives is not a number', {
			remedy: 'Give a whole number of 1 or more: so many follow a full archive.',
		});
	}
	const newest = await newestUsable(folder, context);
	if (newest === undefined) return { warnings: [] };
	try {
		const chain = await findChain(newest.set, newest.manifest, context);
		const last = chain[chain.length - 1];
		if (last === undefined || chain.length > incrementsMax) return { warnings: [] };
		return { base: await foundBase(last, chain.length, context), warnings: [] };
	} catch (error) {
		if (!(error instanceof EngineError) || error.code === 'cancelled') throw error;
		return { warnings: [`A full archive was made, because: ${error.message}.`] };
	}
}
