import { createHash } from 'node:crypto';
import { createReadStream, realpathSync, statSync } from 'node:fs';

import { type PathPolicyPort, throwIfAborted } from '../core/index.ts';
import { toText } from './byte-path.ts';
import type { LinkTarget } from './index-lines.ts';

export interface LinkEndContext {
	readonly paths: PathPolicyPort;
	readonly signal: AbortSignal;
}

/** What a symbolic link leads to, for the index. */
export function linkEnd(fullPath: Buffer): LinkTarget {
	try {
		const stats = statSync(fullPath, { bigint: true });
		if (stats.isFile()) return { leadsTo: 'file', targetSize: Number(stats.size) };
		return { leadsTo: stats.isDirectory() ? 'folder' : 'other' };
	} catch {
		return { leadsTo: 'nothing' };
	}
}

/**
 * The same with the content's SHA-512, where there is a file that may be read. Links lead out of the root,
 * so the policy is asked.
 */
export async function linkEndWithHash(
	fullPath: Buffer,
	{ paths, signal }: LinkEndContext,
): Promise<LinkTarget> {
	const target = linkEnd(fullPath);
	if (target.leadsTo !== 'file') return target;
	try {
		const real = realpathSync.native(fullPath, 'buffer');
		const [isBlocked = true] = await paths.blocked([toText(real.toString('latin1'))]);
		if (isBlocked) return target;
		const hash = createHash('sha512');
		let bytes = 0;
		for await (const chunk of createReadStream(real) as AsyncIterable<Buffer>) {
			throwIfAborted(signal);
			hash.update(chunk);
			bytes += chunk.length;
		}
		return { leadsTo: 'file', targetSize: bytes, targetSha512: hash.digest('hex') };
	} catch {
		throwIfAborted(signal);
		// It exists and has a size; that it cannot be read shows as a missing checksum.
		return target;
	}
}
