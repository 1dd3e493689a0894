/** Archive and extraction of a file root. Knows nothing of n8n. */
export {
	archiveTree,
	type ArchiveContext,
	type IndexOptions,
	type TreeSummary,
} from './archive-tree.ts';
export { type BytePath, fromText, memberPath, parentOf, toText } from './byte-path.ts';
export { checkArchive, type ArchiveCheck } from './check-archive.ts';
export type { IncrementBase, IncrementSummary } from './increment.ts';
export type { IndexEntry } from './index-lines.ts';
export { readIndex } from './index-reader.ts';
export type { ExpectedCounts, MemberLimits } from './expected-counts.ts';
export type { ExtractReport } from './extract-report.ts';
export { compareArchive, type CompareOptions } from './compare-archive.ts';
export { extractTree, rehearseTree, type ExtractOptions } from './extract-tree.ts';
export { inspectTree, type TreeInspection } from './inspect-tree.ts';
export { displayOf, keptNamed, newestKept } from './kept-roots.ts';
export { mergeChain } from './merge-chain.ts';
export type { Member, MemberCounts } from './member.ts';
export { archiveEnd, memberHeader } from './member-header.ts';
export { paddingOf } from './tar-blocks.ts';
export type { MemberChanges } from './member-changes.ts';
export { chooseMembers, type ChosenMembers, type MemberChoice } from './member-choice.ts';
export type { Layout } from './member-layout.ts';
export { assertFreeSpace } from './free-space.ts';
export type { RootPlace } from './root-place.ts';
export { compareInWalkOrder, liesBelow } from './walk-order.ts';
export { RootSwap, type EndedSwap } from './swap-root.ts';
export type { TreeSelection } from './selection.ts';
export { type ReadMember, TarReader } from './tar-reader.ts';
