import { tmpdir } from 'node:os';

import type { Compression, Folder } from '../artifact/index.ts';
import { type ByteChunk, EngineError, type JobContext } from '../core/index.ts';
import {
	CaosDbClient,
	type Entity,
	type EntityExport,
	type ExportOptions,
	type ExportSummary,
	type RequestRules,
	documentBuffers,
	exportEntities,
	writeDocument,
} from '../entity/index.ts';
import type { ArtifactContent, ArtifactPlan } from './artifact-plan.ts';
import { type Destination, storeArtifact } from './destination.ts';
import {
	type BundleCounts,
	type BundleMember,
	type FileChoice,
	fileMembers,
	newCounts,
	spooledMember,
	tarOf,
} from './entity-bundle.ts';
import { FileList } from './file-list.ts';
import { type BackupReport, backupReport, counted, sizeText } from './report.ts';
import { RemarkLog } from './remark-log.ts';
import { roleDocument } from './role-document.ts';
import { SpoolFile } from './spool-file.ts';

/** Names of the document that the official tools write and read. */
export const DOCUMENT_NAMES = ['caosdb_data.xml', 'linkahead_data.xml'] as const;
export type DocumentName = (typeof DOCUMENT_NAMES)[number];

/** The second file of a bundle, with the rules of roles. */
export const ROLES_NAME = 'roles.xml';

export interface XmlExportInput {
	readonly export: ExportOptions;
	/** `bundle`: a tar of the document, file contents and roles; `document`: the document alone. */
	readonly format: 'bundle' | 'document';
	readonly documentName: DocumentName;
	readonly files: FileChoice;
	/** Roles whose rules are exported; bundles only. */
	readonly roles: readonly string[];
	/** How patient the client is; absent parts are the defaults. */
	readonly requestRules?: Partial<RequestRules>;
	readonly destination: Destination;
	readonly compression: Compression;
	/** Read the artifact back after writing. */
	readonly verify: boolean;
}

export function exportWarnings(summary: ExportSummary, ids: ExportOptions['ids']): string[] {
	const { notExported, versionedReferences, namedReferences } = summary;
	const isTemporary = ids === 'temporary';
	return [
		...(notExported === 0
			? []
			: [
					`${counted(notExported, 'entity', 'entities')} that exported ones refer to ` +
						`${notExported === 1 ? 'is' : 'are'} not in the export. ` +
						"Raise 'Reference Depth' to have them in it.",
				]),
		...(versionedReferences === 0 || !isTemporary
			? []
			: [
					`${counted(versionedReferences, 'reference')} to one version of an entity kept its version. ` +
						'The official tools cannot insert that.',
				]),
		...(namedReferences === 0
			? []
			: [`${counted(namedReferences, 'reference')} by name stayed as written.`]),
	];
}

function bundleWarnings({ leftOut, leftOutBytes, unproven }: BundleCounts): string[] {
	return [
		...(leftOut === 0
			? []
			: [`Left out as chosen: ${counted(leftOut, 'larger file')} (${sizeText(leftOutBytes)}).`]),
		...(unproven === 0
			? []
			: [
					`The server has no checksum for ${counted(unproven, 'file')}; only the length was checked.`,
				]),
	];
}

/** Where things wait that must be complete before they are passed on. */
function spoolFolder(destination: Destination): Folder {
	switch (destination.kind) {
		case 'newSet':
			return destination.backups;
		case 'joinSet':
			return destination.set;
		case 'file':
			return destination.folder;
		case 'binary':
			return { path: tmpdir(), displayPath: tmpdir() };
	}
}

interface Running {
	readonly input: XmlExportInput;
	readonly client: CaosDbClient;
	readonly made: EntityExport;
	readonly counts: BundleCounts;
	readonly start: Date;
	readonly context: JobContext;
}

function document(
	entities: AsyncIterable<Entity>,
	{ signal }: JobContext,
): AsyncGenerator<ByteChunk> {
	return writeDocument(entities, { root: 'Entities', signal, spares: documentBuffers() });
}

async function* members(
	{ input, client, counts, context }: Running,
	spool: SpoolFile,
	files: FileList,
	folder: Folder,
): AsyncGenerator<BundleMember> {
	yield spooledMember(input.documentName, spool);
	if (input.roles.length > 0) {
		const rules = await roleDocument(client, input.roles);
		const close = async (): Promise<void> => undefined;
		yield { name: ROLES_NAME, bytes: rules.length, content: () => [rules], close };
	}
	if (!input.files.download) return;
	yield* fileMembers({ client, files, choice: input.files, folder }, counts, context);
}

/** A member's length stands before it, so the document waits on disk until it is complete. */
async function* bundle(running: Running): AsyncGenerator<Uint8Array> {
	const folder = spoolFolder(running.input.destination);
	const spool = await SpoolFile.create(folder);
	const files = await FileList.create(folder).catch(async (error: unknown) => {
		await spool.close();
		throw error;
	});
	try {
		const entities = files.noting(running.made.entities);
		for await (const chunk of document(entities, running.context)) {
			await spool.write(chunk);
			chunk.recycle?.();
		}
		yield* tarOf(members(running, spool, files, folder), running.start);
	} finally {
		await files.close();
		await spool.close();
	}
}

function contents(summary: ExportSummary, counts: BundleCounts): string {
	const roles = Object.entries(summary.byRole)
		.filter(([role]) => role !== 'Entity')
		.map(([role, count]) => counted(count, role, role === 'Property' ? 'Properties' : `${role}s`));
	const files =
		counts.files === 0
			? ''
			: `; ${counted(counts.files, 'file content')} (${sizeText(counts.fileBytes)})`;
	return `: ${counted(summary.entities, 'entity', 'entities')}${
		roles.length === 0 ? '' : ` (${roles.join(', ')})`
	}${files}`;
}

function artifactPlan({ format, compression, verify }: XmlExportInput): ArtifactPlan {
	const isBundle = format === 'bundle';
	return {
		kind: 'entities',
		...{ stem: 'entities', extension: isBundle ? '.tar' : '.xml' },
		mimeType: isBundle ? 'application/x-tar' : 'application/xml',
		...{ compression, verify, framed: false },
	};
}

/** Exports entities to a destination. */
export async function xmlExport(input: XmlExportInput, context: JobContext): Promise<BackupReport> {
	const start = new Date();
	if (input.format === 'document' && input.roles.length > 0) {
		throw new EngineError('invalid_option', 'A document alone has no place for roles', {
			remedy: "Set 'Format' to Bundle, or leave 'Roles' empty.",
		});
	}
	const remarks = new RemarkLog();
	const client = new CaosDbClient({
		...{ http: context.ports.http, signal: context.signal, rules: input.requestRules ?? {} },
		onRemark: remarks.add,
	});
	const made = exportEntities(client, input.export, context);
	const running: Running = { input, client, made, counts: newCounts(), start, context };
	const details = (): Readonly<Record<string, unknown>> => ({
		...{ ...made.summary(), ...running.counts, ids: input.export.ids },
		...{ format: input.format, document: input.documentName, roles: input.roles },
	});
	const open = async (): Promise<ArtifactContent> => ({
		chunks: input.format === 'bundle' ? bundle(running) : document(made.entities, context),
		details,
	});
	const stored = await storeArtifact(input.destination, artifactPlan(input), open, context);
	const summary = made.summary();
	return backupReport('entities', start, stored, {
		subject: input.export.selection.kind === 'all' ? 'Every entity' : 'A selection of entities',
		contents: contents(summary, running.counts),
		warnings: [
			...exportWarnings(summary, input.export.ids),
			...bundleWarnings(running.counts),
			...remarks.lines(),
		],
		details: details(),
	});
}
