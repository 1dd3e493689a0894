import type { WorkflowJson } from './workflow-run.ts';

/** What a pipeline of the package's nodes works on. */
export interface PipelinePlaces {
	readonly fileRoot: string;
	readonly restoredRoot: string;
	readonly restoredDatabase: string;
	readonly backupFolder: string;
	/** Of the credential CaosDB SQL. */
	readonly credentialId: string;
}

export const TRIGGER = 'Run Now';

/** SQL Backup → File Root Archive → Restore Database → Restore File Root, started by hand. */
export function pipelineWorkflow(id: string, places: PipelinePlaces): WorkflowJson {
	const credentials = { caosDbSqlApi: { id: places.credentialId, name: 'CaosDB SQL' } };
	const { backupFolder, fileRoot } = places;
	const steps = [
		{ name: TRIGGER, type: 'n8n-nodes-base.manualTrigger', parameters: {} },
		{
			...{ name: 'SQL Backup', type: 'n8n-nodes-caosdb.sqlBackup', credentials },
			parameters: { backupFolder },
		},
		{
			...{ name: 'File Root Archive', type: 'n8n-nodes-caosdb.fileRootArchive' },
			parameters: { backupFolder, fileRoot },
		},
		{
			...{ name: 'Restore Database', type: 'n8n-nodes-caosdb.restore', credentials },
			parameters: { resource: 'database', database: places.restoredDatabase },
		},
		{
			...{ name: 'Restore File Root', type: 'n8n-nodes-caosdb.restore' },
			parameters: { resource: 'fileRoot', targetFolder: places.restoredRoot },
		},
	];
	const nodes = steps.map((step, index) => ({
		...step,
		...{ id: `${id}-${index}`, typeVersion: 1, position: [220 * index, 0] },
	}));
	const connections = Object.fromEntries(
		steps
			.slice(1)
			.map(({ name }, index) => [
				steps[index]?.name ?? '',
				{ main: [[{ node: name, type: 'main', index: 0 }]] },
			]),
	);
	return {
		...{ id, name: 'Whole Pipeline', active: false, nodes, connections },
		settings: { executionOrder: 'v1' },
	};
}
