import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ILoadOptionsFunctions,
	IConnections,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodePropertyOptions,
	INodeType,
	INodeTypes,
	IPollFunctions,
	IRun,
	IWorkflowExecuteAdditionalData,
	NodeConnectionType,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { binaryStore, closeHost, core, loadPackage, workflow } from './engine-host.ts';
import { GivenCredentials } from './given-credentials.ts';
import { StartNode } from './start-node.ts';

/** One node of a pipeline; each gets the output of the one before. */
export interface PipelineNode {
	/** Without the package, e.g. `sqlBackup`. */
	readonly type: string;
	readonly name?: string;
	readonly parameters: IDataObject;
	/** Name of a given credential by its type. */
	readonly credentials?: Readonly<Record<string, string>>;
	readonly onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
}

export interface RunRequest {
	readonly nodes: readonly PipelineNode[];
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** What the first node gets; one empty item unless given. */
	readonly items?: readonly INodeExecutionData[];
	readonly mode?: WorkflowExecuteMode;
	/** Aborting it does what n8n's stop button does. */
	readonly signal?: AbortSignal;
}

export interface RunResult {
	readonly status: IRun['status'];
	/** The error that ended the run. */
	readonly error:
		{ message: string; description?: string | null; context?: IDataObject } | undefined;
	/** Items of every node by its name and output. */
	readonly output: (name: string, outputIndex?: number) => INodeExecutionData[];
	readonly hints: readonly string[];
	/** What a person sees in the browser console during a manual run. */
	readonly messages: readonly unknown[];
}

export interface PollRequest {
	readonly node: PipelineNode;
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** What n8n keeps for the node between polls; the node changes it. */
	readonly memory: IDataObject;
	/** Default `trigger`, as of an active workflow. */
	readonly mode?: 'trigger' | 'manual';
}

export interface Engine {
	run(request: RunRequest): Promise<RunResult>;
	/** One poll of a trigger; its items, or null when nothing starts the workflow. */
	poll(request: PollRequest): Promise<INodeExecutionData[] | null>;
	nodeType(name: string): INodeType;
	testCredential(
		node: string,
		method: string,
		data: ICredentialDataDecryptedObject,
	): Promise<INodeCredentialTestResult>;
	/** Loads a list of the editor, as n8n does when a person opens it. */
	loadOptions(
		node: string,
		method: string,
		credentials: Readonly<Record<string, ICredentialDataDecryptedObject>>,
	): Promise<INodePropertyOptions[]>;
	readBinary(binary: IBinaryData): Promise<Buffer>;
	close(): Promise<void>;
}

const START = 'Start';

function notUsed(): never {
	throw new Error('The engine tests do not use this part of n8n');
}

function additionalData(
	credentials: GivenCredentials,
	messages: unknown[],
	hooks: unknown,
): IWorkflowExecuteAdditionalData {
	const data = {
		credentialsHelper: credentials,
		executionId: '1',
		workflowId: '1',
		currentNodeExecutionIndex: 0,
		variables: {},
		hooks,
		sendDataToUI: (_type: string, content: unknown) => messages.push(content),
		setExecutionStatus: () => undefined,
		executeWorkflow: notUsed,
		logAiEvent: () => undefined,
		instanceBaseUrl: 'http://localhost/',
		restApiUrl: 'http://localhost/rest',
		webhookBaseUrl: 'http://localhost/webhook',
		webhookTestBaseUrl: 'http://localhost/webhook-test',
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
	};
	return data as unknown as IWorkflowExecuteAdditionalData;
}

function nodesOf(packageName: string, pipeline: readonly PipelineNode[]): INode[] {
	const start: INode = {
		...{ id: '0', name: START, type: 'start', typeVersion: 1, position: [0, 0] },
		parameters: {},
	};
	const nodes = pipeline.map(
		({ type, name, parameters, credentials = {}, onError }, index): INode => ({
			id: String(index + 1),
			name: name ?? type,
			type: `${packageName}.${type}`,
			typeVersion: 1,
			position: [200 * (index + 1), 0],
			parameters: parameters as INode['parameters'],
			credentials: Object.fromEntries(
				Object.entries(credentials).map(([kind, given]) => [kind, { id: given, name: given }]),
			),
			...(onError === undefined ? {} : { onError }),
		}),
	);
	return [start, ...nodes];
}

function chain(nodes: readonly INode[]): IConnections {
	const main: NodeConnectionType = workflow.NodeConnectionTypes.Main;
	const pairs = nodes
		.slice(1)
		.map(({ name }, index) => [
			nodes[index]?.name ?? '',
			{ main: [[{ node: name, type: main, index: 0 }]] },
		]);
	return Object.fromEntries(pairs) as IConnections;
}

/** n8n's engine with the package in `folder`. */
export async function openEngine(folder: string): Promise<Engine> {
	const store = await binaryStore();
	const loader = await loadPackage(folder);
	const start = new StartNode();
	const find = (type: string): INodeType =>
		(type === 'start'
			? start
			: loader.getNode(type.replace(`${loader.packageName}.`, '')).type) as INodeType;
	const nodeTypes: INodeTypes = {
		getByName: find,
		getByNameAndVersion: find,
		getKnownTypes: () => ({}),
	};

	async function run(request: RunRequest): Promise<RunResult> {
		const nodes = nodesOf(loader.packageName, request.nodes);
		const { Workflow, createRunExecutionData } = workflow;
		const wf = new Workflow({
			id: '1',
			nodes,
			connections: chain(nodes),
			active: false,
			nodeTypes,
		});
		const messages: unknown[] = [];
		const mode = request.mode ?? 'manual';
		const hooks = new core.ExecutionLifecycleHooks(mode, '1', { ...wf, id: '1' } as never);
		const given = new GivenCredentials(new Map(Object.entries(request.credentials ?? {})));
		const items = request.items ?? [{ json: {} }];
		const runData = createRunExecutionData({
			executionData: {
				nodeExecutionStack: [
					{ node: nodes[0] as INode, data: { main: [[...items]] }, source: null },
				],
			},
		});
		const execution = new core.WorkflowExecute(
			additionalData(given, messages, hooks),
			mode,
			runData,
		);
		const running = execution.processRunExecutionData(wf);
		const cancel = (): void => running.cancel();
		request.signal?.addEventListener('abort', cancel, { once: true });
		const finished = await running;
		return resultOf(finished, messages);
	}

	async function poll(request: PollRequest): Promise<INodeExecutionData[] | null> {
		const [, node] = nodesOf(loader.packageName, [request.node]);
		const { poll: act } = find(request.node.type);
		if (node === undefined || act === undefined) throw new Error('This node does not poll');
		const { Workflow } = workflow;
		const wf = new Workflow({ id: '1', nodes: [node], connections: {}, active: true, nodeTypes });
		const given = new GivenCredentials(new Map(Object.entries(request.credentials ?? {})));
		const data = additionalData(given, [], undefined);
		const mode = request.mode ?? 'trigger';
		const asIs = async <T>(whole: () => Promise<T>): Promise<T> => await whole();
		const context = new core.PollContext(
			...([wf, node, data, mode, mode === 'manual' ? 'manual' : 'activate'] as const),
			...([notUsed, notUsed, async () => undefined, asIs, () => request.memory] as const),
		) as IPollFunctions;
		return (await act.call(context))?.[0] ?? null;
	}

	return {
		run,
		poll,
		nodeType: (name) => find(name),
		readBinary: async (binary) => await store.getAsBuffer(binary),
		close: closeHost,
		loadOptions: async (node, method, credentials) => {
			const load = find(node).methods?.loadOptions?.[method];
			if (load === undefined) throw new Error(`${node} has no list '${method}'`);
			const context = {
				getNode: () => nodesOf(loader.packageName, [{ type: node, parameters: {} }])[1],
				getCredentials: async (type: string) => credentials[type],
			};
			return await load.call(context as unknown as ILoadOptionsFunctions);
		},
		testCredential: async (node, method, data) => {
			const test = find(node).methods?.credentialTest?.[method];
			if (test === undefined) throw new Error(`${node} has no credential test '${method}'`);
			const additional = additionalData(new GivenCredentials(new Map()), [], undefined);
			const context: ICredentialTestFunctions = new core.CredentialTestContext(additional);
			return await test.call(context, { id: '1', name: 'given', type: '', data });
		},
	};
}

function resultOf(run: IRun, messages: readonly unknown[]): RunResult {
	const { resultData } = run.data;
	const tasks = Object.values(resultData.runData).flat();
	return {
		status: run.status,
		error: resultData.error as RunResult['error'],
		output: (name, outputIndex = 0) =>
			resultData.runData[name]?.at(-1)?.data?.main?.[outputIndex] ?? [],
		hints: tasks.flatMap((task) => task.hints ?? []).map(({ message }) => message),
		messages,
	};
}
