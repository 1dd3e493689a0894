/** Archive and extraction of a file root. Knows nothing of n8n. */
export { archiveTree, type ArchiveContext, type TreeSummary } from './archive-tree.ts';
export { checkArchive, type ArchiveCheck } from './check-archive.ts';
export type { ExpectedCounts, MemberLimits } from './expected-counts.ts';
export type { ExtractReport } from './extract-report.ts';
export { compareArchive, type CompareOptions } from './compare-archive.ts';
export { extractTree, rehearseTree, type ExtractOptions } from './extract-tree.ts';
export { inspectTree, type TreeInspection } from './inspect-tree.ts';
export type { MemberCounts } from './member.ts';
export type { MemberChanges } from './member-changes.ts';
export { chooseMembers, type ChosenMembers, type MemberChoice } from './member-choice.ts';
export type { Layout } from './member-layout.ts';
export { assertFreeSpace } from './free-space.ts';
export type { RootPlace } from './root-place.ts';
export { RootSwap, type EndedSwap } from './swap-root.ts';
export type { TreeSelection } from './selection.ts';
