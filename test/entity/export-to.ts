import { join } from 'node:path';

import { type JobContext, NO_PROGRESS } from '../../lib/core/index.ts';
import type { ExportOptions } from '../../lib/entity/index.ts';
import { type BackupReport, JOBS, type XmlExportInput } from '../../lib/job/index.ts';
import { plainPorts } from '../../lib/standalone/index.ts';
import type { Emulator } from '../emulator/index.ts';
import { QUICK_RULES, emulatorHttp } from './test-client.ts';

const NO_COMPRESSION: XmlExportInput['compression'] = { kind: 'none', level: 0 };

/** Everything, to be inserted elsewhere. */
export const WHOLE: ExportOptions = {
	selection: { kind: 'all' },
	...{ needed: true, referenceDepth: 0, backReferences: false, ids: 'temporary' },
	...{ acl: false, state: false, versions: true },
};

export type GivenExport = Partial<Omit<XmlExportInput, 'export'>> & {
	readonly export?: Partial<ExportOptions>;
	readonly signal?: AbortSignal;
};

/** Exports from an emulator to the file `name` in a folder; a plain tar unless told otherwise. */
export async function exportTo(
	emulator: Emulator,
	folder: string,
	{ export: options, signal = new AbortController().signal, ...given }: GivenExport = {},
): Promise<BackupReport> {
	const ports = { ...plainPorts({ binaryFolder: folder }), http: emulatorHttp(emulator) };
	const context: JobContext = { signal, progress: NO_PROGRESS, ports };
	const input: XmlExportInput = {
		export: { ...WHOLE, ...options },
		...{
			format: 'bundle',
			documentName: 'linkahead_data.xml',
			files: { download: true },
			roles: [],
		},
		destination: {
			...{ kind: 'file', folder: { path: folder, displayPath: folder } },
			...{ fileName: 'export.tar', overwrite: true },
		},
		requestRules: QUICK_RULES,
		...{ compression: NO_COMPRESSION, verify: true },
		...given,
	};
	return await JOBS.xmlExport(input, context);
}

/** Where `exportTo` puts its file. */
export function exportedFile(folder: string): string {
	return join(folder, 'export.tar');
}
