import { setImmediate as immediate } from 'node:timers/promises';

import { type EngineContext, throwIfAborted } from '../core/index.ts';
import { toText } from './byte-path.ts';
import { type MemberCounts, MemberTally } from './member.ts';
import { storedSize } from './member-header.ts';
import { type Layout, MemberLayout } from './member-layout.ts';
import { TarReader } from './tar-reader.ts';

export interface ArchiveCheck extends MemberCounts {
	readonly layout: Layout;
	/** What the files take on a disk with blocks of 4,096 bytes. */
	readonly diskBytes: number;
}

const DISK_BLOCK_BYTES = 4096;

const ENTRIES_PER_TURN = 256;

/**
 * Reads a whole archive without writing anything. Throws what `TarReader` throws, `tree_entry_unsafe`
 * and `cancelled`.
 */
export async function checkArchive(
	chunks: AsyncIterable<Uint8Array>,
	{ signal, progress }: EngineContext,
): Promise<ArchiveCheck> {
	const tally = new MemberTally();
	const layout = new MemberLayout();
	let diskBytes = 0;
	for await (const { member } of new TarReader(chunks).members()) {
		throwIfAborted(signal);
		layout.pathOf(member.name);
		if (member.type === 'hardLink') layout.pathOf(member.linkTarget);
		tally.add(member);
		diskBytes += Math.ceil(storedSize(member) / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
		if (tally.entries % ENTRIES_PER_TURN !== 1) continue;
		await immediate();
		progress.report({
			phase: 'check',
			done: tally.entries,
			unit: 'entries',
			item: toText(member.name),
		});
	}
	return { ...tally.counts(), layout: layout.layout, diskBytes };
}
