import type { EntityChangeItem } from '../../lib/job/index.ts';

/** All changes of a poll in one item, for a message or one export of them all. */
export interface ChangesItem {
	readonly kind: 'entityChanges';
	readonly inserted: number;
	readonly updated: number;
	readonly deleted: number;
	/** Ids of what was inserted or updated, as XML Export takes them: `12, 13`. */
	readonly changedIds: string;
	readonly deletedIds: string;
	/** Of the newest change. */
	readonly time: string;
	/** One English sentence. */
	readonly summary: string;
	readonly changes: readonly EntityChangeItem[];
}

function number(count: number): string {
	return count.toLocaleString('en-US');
}

/** Makes one item of several changes, of which there is at least one. */
export function changesItem(changes: readonly EntityChangeItem[]): ChangesItem {
	const of = (event: EntityChangeItem['event']) =>
		changes.filter((change) => change.event === event);
	const found = { inserted: of('inserted'), updated: of('updated'), deleted: of('deleted') };
	const { inserted, updated, deleted } = found;
	const ids = (some: readonly EntityChangeItem[]): string => some.map(({ id }) => id).join(', ');
	const parts = Object.entries(found)
		.filter(([, some]) => some.length > 0)
		.map(([event, some]) => `${number(some.length)} ${event}`);
	const subject = changes.length === 1 ? '1 entity' : `${number(changes.length)} entities`;
	return {
		kind: 'entityChanges',
		...{ inserted: inserted.length, updated: updated.length, deleted: deleted.length },
		changedIds: ids([...inserted, ...updated]),
		deletedIds: ids(deleted),
		time: changes.reduce((newest, { time }) => (time > newest ? time : newest), ''),
		summary: `${subject} changed: ${parts.join(', ')}.`,
		changes,
	};
}
