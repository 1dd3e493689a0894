import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { EngineError } from '../../lib/core/index.ts';
import type { JobInput } from '../../lib/worker/index.ts';
import { sqlAccessOf } from '../shared/sql-credential.ts';

type RestoreInput = JobInput<'sqlRestore'>;

/** The database that an item is about. */
export async function databasePlace(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<Pick<RestoreInput, 'endpoint' | 'database'>> {
	const { endpoint, database: ofCredential } = await sqlAccessOf(context, itemIndex);
	const named = textParameter(context, itemIndex, 'database');
	return { endpoint, database: named === '' ? ofCredential : named };
}

export function textParameter(context: IExecuteFunctions, itemIndex: number, name: string): string {
	return String(context.getNodeParameter(name, itemIndex, '')).trim();
}

/** What a restore, a rehearsal and a verification may be told. */
export function restoreOptions(
	context: IExecuteFunctions,
	itemIndex: number,
): Pick<Required<RestoreInput>, 'allowOtherSessions' | 'definer' | 'requireEnd'> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	return {
		allowOtherSessions: options.allowOtherSessions === true,
		requireEnd: options.requireEnd !== false,
		definer: definerOf(options),
	};
}

/** The only tables that are wanted. */
export function chosenTables(
	context: IExecuteFunctions,
	itemIndex: number,
): Pick<RestoreInput, 'tables'> {
	const names = String(context.getNodeParameter('options.tables', itemIndex, ''))
		.split(/[,\n]/)
		.map((name) => name.trim())
		.filter((name) => name !== '');
	return names.length === 0 ? {} : { tables: names };
}

/** Over how many connections a dump is loaded; nothing unless somebody said so. */
export function loadConnections(
	context: IExecuteFunctions,
	itemIndex: number,
): Pick<RestoreInput, 'connections'> {
	const { connections } = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	return connections === undefined ? {} : { connections: Number(connections) };
}

/** What may happen to a target that is not empty. */
export function existingContent(
	context: IExecuteFunctions,
	itemIndex: number,
): Pick<Required<RestoreInput>, 'replace' | 'keepOld'> {
	const choice = context.getNodeParameter('existingContent', itemIndex, 'refuse');
	return {
		replace: choice === 'replaceKeep' || choice === 'replaceDrop',
		keepOld: choice !== 'replaceDrop',
	};
}

function definerOf(options: IDataObject): NonNullable<RestoreInput['definer']> {
	if (options.definer === 'current') return { mode: 'remove' };
	if (options.definer !== 'account') return { mode: 'keep' };
	const account = String(options.definerAccount ?? '').trim();
	if (/^.+@.+$/.test(account)) return { mode: 'replace', account };
	throw new EngineError('invalid_option', "'Definer Account' is no account", {
		remedy: 'Fill it in as user@host, e.g. caosdb@%.',
	});
}
