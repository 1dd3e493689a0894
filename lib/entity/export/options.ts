import { EngineError } from '../../core/index.ts';

/** Where an export begins. */
export type ExportSelection =
	| { readonly kind: 'all' }
	/** A FIND query. */
	| { readonly kind: 'query'; readonly query: string }
	| { readonly kind: 'ids'; readonly ids: readonly string[] }
	/** Entities of these names, of any role. */
	| { readonly kind: 'names'; readonly names: readonly string[] };

export const ID_MODES = ['temporary', 'keep'] as const;
/** `temporary`: n becomes -n, as documents that are to be inserted have them; `keep`: as on the server. */
export type IdMode = (typeof ID_MODES)[number];

export interface ExportOptions {
	readonly selection: ExportSelection;
	/** Also parents, definitions of properties, and record types used as data types, to any depth. */
	readonly needed: boolean;
	/** How many steps references are followed from the selection; 0: not at all. */
	readonly referenceDepth: number;
	/** Also entities that refer to the selected ones. */
	readonly backReferences: boolean;
	readonly ids: IdMode;
	/** Permissions of each entity. */
	readonly acl: boolean;
	readonly state: boolean;
	/** Version marks: who wrote an entity when. An import needs them to tell what changed. */
	readonly versions: boolean;
}

/** Throws `invalid_option` for a selection that cannot work. */
export function checkSelection(selection: ExportSelection): void {
	const refuse = (message: string, remedy: string): never => {
		throw new EngineError('invalid_option', message, { remedy });
	};
	if (selection.kind === 'query' && !/^\s*FIND\b/i.test(selection.query)) {
		refuse(
			'The query does not begin with FIND',
			'SELECT and COUNT do not give whole entities. Write e.g. FIND RECORD Sample.',
		);
	}
	if (selection.kind === 'ids' && selection.ids.length === 0) {
		refuse('There is no id to export', "Fill in 'IDs'.");
	}
	if (selection.kind === 'names' && selection.names.length === 0) {
		refuse('There is no name to export', "Fill in 'Names'.");
	}
}
