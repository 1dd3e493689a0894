export * from './acl.ts';
export type { ChangeCursor } from './changes/change-cursor.ts';
export * from './changes/change-watch.ts';
export { type FoundChanges, findChanges, sampleChange } from './changes/find-changes.ts';
export { ClientChangeServer } from './changes/client-change-server.ts';
export * from './client/client.ts';
export { messageLine } from './client/answer-errors.ts';
export type { Upload } from './client/multipart-body.ts';
export type { QueryOptions, QueryPage } from './client/query-pages.ts';
export type { RequestRules } from './client/requests.ts';
export type { Retrieved } from './client/retrieve.ts';
export * from './client/roles.ts';
export type { ServerInfo } from './client/server-info.ts';
export { type ServerPresence, serverPresence } from './client/server-presence.ts';
export { type Remark, remarkLine } from './client/remarks.ts';
export { filePathParts, quoted } from './client/url-path.ts';
export {
	type Refusal,
	type WriteResult,
	entityErrors,
	refusalError,
} from './client/write-answer.ts';
export * from './datatypes.ts';
export * from './export/entity-links.ts';
export * from './export/export-entities.ts';
export * from './export/fetch-file.ts';
export * from './export/id-set.ts';
export {
	type ExportOptions,
	type ExportSelection,
	ID_MODES,
	type IdMode,
} from './export/options.ts';
export * from './entity-document.ts';
export * from './entity-id.ts';
export * from './flags.ts';
export type { IdMapEntry, IdMapPair } from './import/id-map-line.ts';
export { IdMap } from './import/id-map.ts';
export * from './import/entity-import.ts';
export {
	CONFLICT_RULES,
	type ConflictRule,
	type ImportRules,
	MATCH_RULES,
	MISSING_RULES,
	type MatchRule,
	type MissingRule,
	resolveImportRules,
} from './import/rules.ts';
export type { FileContent } from './import/send.ts';
export { IMPORT_ACTIONS, type ImportAction } from './import/table.ts';
export * from './model.ts';
export { IdNumbers } from './import/id-numbers.ts';
export { type NumberColumn, integers, offsets } from './import/number-column.ts';
export * from './session-http.ts';
export { StringTable } from './import/string-table.ts';
export * from './write-document.ts';
export { xmlElement } from './write-xml.ts';
export * from './xml-element.ts';
