import { type AppliedProperty, IMPORTANCES, type Importance } from './model.ts';
import type { Pending, RequestScope } from './request-scope.ts';

/** Which importances a parent hands down for each value of the flag `inheritance`; FIX never. */
const HANDED_DOWN: Readonly<Record<string, readonly Importance[]>> = {
	OBLIGATORY: ['OBLIGATORY'],
	RECOMMENDED: ['OBLIGATORY', 'RECOMMENDED'],
	SUGGESTED: ['OBLIGATORY', 'RECOMMENDED', 'SUGGESTED'],
	ALL: ['OBLIGATORY', 'RECOMMENDED', 'SUGGESTED'],
};

export function readImportance(text: string | null, isRecord: boolean): Importance {
	if (isRecord) return 'FIX';
	const given = IMPORTANCES.find((importance) => importance === text?.toUpperCase());
	return given ?? 'SUGGESTED';
}

/**
 * Copies into each entity of the request the properties it inherits and does not have yet; parents of the
 * same request first, so that what they inherit is handed on.
 */
export function inheritProperties(pending: readonly Pending[], scope: RequestScope): void {
	const done = new Set<string>();
	const inherit = (one: Pending): void => {
		const { draft, entity } = one;
		if (done.has(entity.id)) return;
		done.add(entity.id);
		for (const [index, parentId] of entity.parents.entries()) {
			const parentPending = scope.pending(parentId);
			if (parentPending !== undefined) inherit(parentPending);
			const flag = draft.parents[index]?.inheritance?.toUpperCase() ?? 'NONE';
			const parent = scope.entity(parentId);
			const handed = HANDED_DOWN[flag] ?? [];
			const inherited = (parent?.properties ?? []).filter(
				({ id, importance }) =>
					handed.includes(importance) && !entity.properties.some((own) => own.id === id),
			);
			entity.properties = [...entity.properties, ...inherited.map((from) => copy(from, one))];
		}
	};
	for (const one of pending) inherit(one);
}

function copy(property: AppliedProperty, { entity }: Pending): AppliedProperty {
	const isType = entity.role === 'RecordType' || entity.role === 'Property';
	return { ...property, importance: isType ? property.importance : 'FIX' };
}

/** Names of the OBLIGATORY properties of the entity's parents, at any height, that it lacks. */
export function missingObligatory({ entity }: Pending, scope: RequestScope): string[] {
	const missing = new Map<string, string>();
	const seen = new Set<string>();
	const look = (ids: readonly string[]): void => {
		for (const id of ids) {
			const parent = scope.entity(id);
			if (parent === undefined || seen.has(id)) continue;
			seen.add(id);
			for (const { id: property, name, importance } of parent.properties) {
				if (importance !== 'OBLIGATORY') continue;
				if (entity.properties.some((own) => own.id === property)) continue;
				missing.set(property, name ?? scope.entity(property)?.name ?? property);
			}
			look(parent.parents);
		}
	};
	look(entity.parents);
	return [...missing.values()];
}
