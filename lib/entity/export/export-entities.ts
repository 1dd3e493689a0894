import type { EngineContext } from '../../core/index.ts';
import type { CaosDbClient } from '../client/client.ts';
import type { Entity, Role } from '../model.ts';
import { EntityCollector } from './collect-entities.ts';
import { type ExportOptions, checkSelection } from './options.ts';
import { Renumbering } from './renumber.ts';

/** What an export holds. */
export interface ExportSummary {
	readonly entities: number;
	readonly byRole: Readonly<Partial<Record<Role, number>>>;
	/** Sum of the sizes that the File entities tell. */
	readonly fileBytes: number;
	/** Entities that exported ones refer to and that are not exported. */
	readonly notExported: number;
	/** References to one version of an entity. */
	readonly versionedReferences: number;
	/** References by name, kept as they are. */
	readonly namedReferences: number;
}

/** An export under way: `summary` may be called when `entities` has ended. */
export interface EntityExport {
	readonly entities: AsyncIterable<Entity>;
	summary(): ExportSummary;
}

const PROGRESS_STEP = 100;

/**
 * The selected entities and what belongs to them, each once, ready to be written. Throws `invalid_option`, and
 * while reading `entity_missing`, `entity_unwritable`, and what the client throws.
 */
export function exportEntities(
	client: CaosDbClient,
	options: ExportOptions,
	{ progress }: EngineContext,
): EntityExport {
	checkSelection(options.selection);
	const collector = new EntityCollector(client, options);
	const renumbering = new Renumbering(options, collector.numbers, () => collector.hasTextIds);
	const byRole: Partial<Record<Role, number>> = {};
	let [entities, fileBytes] = [0, 0];
	async function* renumbered(): AsyncGenerator<Entity> {
		for await (const entity of collector.entities()) {
			byRole[entity.role] = (byRole[entity.role] ?? 0) + 1;
			if (entity.role === 'File') fileBytes += Number(entity.size ?? 0);
			if (++entities % PROGRESS_STEP === 0) {
				progress.report({ phase: 'dump', done: entities, unit: 'entries' });
			}
			yield renumbering.entity(entity);
		}
	}
	return {
		entities: renumbered(),
		summary: () => ({
			...{ entities, byRole, fileBytes },
			notExported: renumbering.referenced.countWithout(collector.exported),
			versionedReferences: renumbering.versioned,
			namedReferences: renumbering.named,
		}),
	};
}
