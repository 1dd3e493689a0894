/** Archive and extraction of a file root. Knows nothing of n8n. */
export { archiveTree, type ArchiveContext, type TreeSummary } from './archive-tree.ts';
export { checkArchive, type ArchiveCheck } from './check-archive.ts';
export { extractTree, type ExtractOptions, type ExtractReport } from './extract-tree.ts';
export { inspectTree, type TreeInspection } from './inspect-tree.ts';
export type { Member, MemberCounts } from './member.ts';
export { archiveEnd, memberHeader } from './member-header.ts';
export { paddingOf } from './tar-blocks.ts';
export type { MemberChanges } from './member-changes.ts';
export type { Layout } from './member-layout.ts';
export { assertFreeSpace } from './free-space.ts';
export { fromText, memberPath, toText } from './byte-path.ts';
export type { RootPlace } from './root-place.ts';
export { RootSwap } from './swap-root.ts';
export type { TreeSelection } from './selection.ts';
export { type ReadMember, TarReader } from './tar-reader.ts';
