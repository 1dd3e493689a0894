import { type Actor, isPermitted, neededForUpdate } from './acl.ts';
import {
	checkValues,
	readRole,
	resolveOwnDatatype,
	resolveParents,
	resolveProperties,
} from './build-entities.ts';
import { type FileChange, checkFile } from './check-files.ts';
import type { Draft } from './entity-reader.ts';
import { isTemporaryId } from './ids.ts';
import { inheritProperties, missingObligatory } from './inheritance.ts';
import { MESSAGES, type Message, unspecific, warning } from './messages.ts';
import type { Entity } from './model.ts';
import type { Part } from './multipart.ts';
import { type Pending, RequestScope } from './request-scope.ts';
import type { ServerState } from './server-state.ts';
import { newVersion } from './versions.ts';

/** A request to write. */
export interface WriteRequest {
	readonly drafts: readonly Draft[];
	readonly parts: readonly Part[];
	readonly actor: Actor;
	/** Warnings become errors. */
	readonly isStrict: boolean;
	readonly isNameUnique: boolean;
	/** What to do when an obligatory property is missing; a flag of the entity comes first. */
	readonly missingObligatory: string;
	/** A further check, for failures on purpose: a message refuses the entity. */
	readonly refuse: (draft: Draft) => Message | undefined;
}

export interface WriteResult {
	/** Whether everything was done; otherwise nothing was. */
	readonly isDone: boolean;
	readonly pending: readonly Pending[];
}

interface Job {
	readonly state: ServerState;
	readonly request: WriteRequest;
	readonly scope: RequestScope;
	readonly taken: string[];
}

/** Owner is who made the first version. */
export function ownsEntity({ store }: ServerState, { id }: Entity, actor: Actor): boolean {
	const first = store.history(id)[0]?.version;
	return first?.username === actor.username && first.realm === actor.realm;
}

export function mayTouch(
	state: ServerState,
	entity: Entity,
	{ actor, permission }: { readonly actor: Actor; readonly permission: string },
): boolean {
	const isOwner = ownsEntity(state, entity, actor);
	return isPermitted([...state.globalAcl, ...entity.acl], permission, { actor, isOwner });
}

function begin(draft: Draft, old: Entity | undefined, id: string, actor: Actor): Pending {
	const role = readRole(draft, old);
	const { name, description, unit, value, query } = draft;
	const entity = {
		...{ id, role: role ?? 'Record', name, description, datatype: null, unit, value },
		...{ parents: [], properties: [], file: old?.file ?? null, query },
		...{ acl: draft.acl ?? old?.acl ?? [], version: newVersion(actor) },
	};
	const messages: Message[] = [];
	if (role === undefined) messages.push(unspecific(`Unknown role "${draft.role}".`));
	else if (old !== undefined && role !== old.role) {
		messages.push(unspecific('The role of an entity cannot be changed.'));
	}
	return { draft, old, entity, messages };
}

function checkName({ entity, messages }: Pending, { request, scope }: Job): void {
	if (!request.isNameUnique || entity.name === null) return;
	const others = scope.namesakes(entity.name).filter(({ id }) => id !== entity.id);
	if (others.length > 0) messages.push(MESSAGES.nameNotUnique);
}

function checkObligatory(one: Pending, { request, scope }: Job): void {
	const { entity, draft, messages } = one;
	if (entity.role !== 'Record' && entity.role !== 'File') return;
	const mode = draft.flags.get('force-missing-obligatory') ?? request.missingObligatory;
	if (mode === 'ignore') return;
	for (const name of missingObligatory(one, scope)) {
		const text = `The obligatory property "${name}" is missing.`;
		messages.push(mode === 'warn' ? warning(text) : unspecific(text));
	}
}

function checkRights(one: Pending, { state, request }: Job): void {
	const { entity, old, messages } = one;
	if (old === undefined) return;
	const isForbidden = neededForUpdate(old, entity).some(
		(permission) => !mayTouch(state, old, { actor: request.actor, permission }),
	);
	if (isForbidden) messages.push(MESSAGES.forbidden);
}

function checkOne(one: Pending, job: Job): FileChange | null {
	const { request, state, taken } = job;
	const { entity, messages } = one;
	checkName(one, job);
	checkObligatory(one, job);
	if (entity.role === 'Record' && entity.parents.length === 0) messages.push(MESSAGES.noParents);
	const change = checkFile(one, request.parts, { store: state.store, taken });
	checkRights(one, job);
	const refused = request.refuse(one.draft);
	if (refused !== undefined) messages.push(refused);
	if (request.isStrict && messages.some(({ kind }) => kind === 'Warning')) {
		messages.push(MESSAGES.strictWarning);
	}
	return change;
}

/** Whether the entity or anything in it has an error. */
function isFaulty({ messages }: Pending): boolean {
	return messages.some(({ kind }) => kind === 'Error');
}

function isUnchanged({ entity, old }: Pending): boolean {
	if (old === undefined) return false;
	const content = (version: Entity): string => JSON.stringify({ ...version, version: null });
	return content(entity) === content(old);
}

async function run(pending: readonly Pending[], job: Job): Promise<WriteResult> {
	const { state, scope } = job;
	for (const one of pending) resolveParents(one, scope);
	for (const one of pending) resolveOwnDatatype(one, scope);
	for (const one of pending) resolveProperties(one, scope);
	inheritProperties(pending, scope);
	for (const one of pending) checkValues(one, scope);
	const changes = pending.map((one) => checkOne(one, job));
	if (pending.some(isFaulty)) return { isDone: false, pending };
	for (const change of changes) {
		if (change === null) continue;
		const { path, upload, movedFrom } = change;
		if (movedFrom !== null) await state.files.move(movedFrom, path);
		if (upload !== null) await state.files.write(path, upload);
	}
	for (const one of pending) if (isUnchanged(one)) one.messages.push(MESSAGES.unchanged);
	state.store.putAll(
		pending.filter((one) => !isUnchanged(one)).map(({ entity }) => ({ ...entity })),
	);
	return { isDone: true, pending };
}

/** Inserts all entities of the request, or none. */
export async function insert(state: ServerState, request: WriteRequest): Promise<WriteResult> {
	const pending = request.drafts.map((draft) =>
		begin(draft, undefined, state.ids.take(), request.actor),
	);
	const scope = new RequestScope(state.store, pending);
	return await run(pending, { state, request, scope, taken: [] });
}

/** Replaces all entities of the request by new versions, or none. */
export async function update(state: ServerState, request: WriteRequest): Promise<WriteResult> {
	const pending = request.drafts.map((draft) => {
		const id = draft.id ?? '';
		const old = isTemporaryId(id) ? undefined : state.store.head(id);
		const one = begin(draft, old, id, request.actor);
		if (old === undefined) one.messages.splice(0, one.messages.length, MESSAGES.doesNotExist);
		return one;
	});
	const scope = new RequestScope(state.store, pending);
	return await run(pending, { state, request, scope, taken: [] });
}

/** What a delete says about each requested id. */
export interface DeleteResult {
	readonly isDone: boolean;
	readonly items: ReadonlyArray<{
		readonly key: string;
		readonly entity: Entity | undefined;
		readonly message: Message;
	}>;
}

/** Deletes all entities, or none: an entity that others need stays. */
export async function remove(
	state: ServerState,
	keys: readonly string[],
	actor: Actor,
): Promise<DeleteResult> {
	const { store, files } = state;
	const found = keys.flatMap((key): Array<[string, Entity | undefined]> => {
		const byId = store.head(key);
		const named = byId === undefined ? store.named(key) : [byId];
		return named.length === 0 ? [[key, undefined]] : named.map((entity) => [key, entity]);
	});
	const going = new Set(found.map(([, entity]) => entity?.id));
	const judge = (entity: Entity | undefined): Message => {
		if (entity === undefined) return MESSAGES.doesNotExist;
		if (!mayTouch(state, entity, { actor, permission: 'DELETE' })) return MESSAGES.forbidden;
		const isNeeded = store.usersOf(entity.id).some((user) => !going.has(user.id));
		return isNeeded ? MESSAGES.required : MESSAGES.deleted;
	};
	const items = found.map(([key, entity]) => ({ key, entity, message: judge(entity) }));
	if (items.some(({ message }) => message.kind === 'Error')) return { isDone: false, items };
	for (const { entity } of items) {
		if (entity?.file) await files.remove(entity.file.path);
	}
	store.removeAll(items.flatMap(({ entity }) => entity?.id ?? []));
	return { isDone: true, items };
}
