import { EngineError } from '../core/index.ts';
import type { CompressionKind } from './compression.ts';

interface Signature {
	readonly bytes: readonly number[];
	readonly kind?: CompressionKind;
	/** What it is when we cannot read it, with the tool that can. */
	readonly foreign?: { readonly name: string; readonly tool: string };
}

/** The name of a file says nothing certain about what is in it: its first bytes do. */
const SIGNATURES: readonly Signature[] = [
	{ bytes: [0x28, 0xb5, 0x2f, 0xfd], kind: 'zstd' },
	{ bytes: [0x1f, 0x8b], kind: 'gzip' },
	{ bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], foreign: { name: 'xz', tool: 'xz -d' } },
	{ bytes: [0x42, 0x5a, 0x68], foreign: { name: 'bzip2', tool: 'bzip2 -d' } },
	{ bytes: [0x50, 0x4b, 0x03, 0x04], foreign: { name: 'zip', tool: 'unzip' } },
	{
		bytes: [...Buffer.from('age-encryption.org/')],
		foreign: { name: 'age encryption', tool: 'age -d' },
	},
];

/** Bytes that must be seen before the format can be told. */
export const SIGNATURE_BYTES = 19;

function isSkippableZstd(head: Uint8Array): boolean {
	return (
		((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18
	);
}

/** Tells the compression from the first bytes. Throws `artifact_unknown_format` for foreign ones. */
export function detectCompression(head: Uint8Array): CompressionKind {
	if (isSkippableZstd(head)) return 'zstd';
	const found = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
	if (found?.foreign !== undefined) {
		const { name, tool } = found.foreign;
		throw new EngineError('artifact_unknown_format', `The file is packed with ${name}`, {
			remedy: `Unpack it first (${tool}); plain, gzip and zstd files are read.`,
			details: { format: name },
		});
	}
	return found?.kind ?? 'none';
}
