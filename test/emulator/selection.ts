import { type AnswerOptions, entityElement } from './entity-answer.ts';
import type { Entity } from './model.ts';
import { referencedId } from './model.ts';
import type { ServerState } from './server-state.ts';
import { mayTouch } from './transactions.ts';
import { type XmlElement, element } from './xml-node.ts';

/** Selected names, each with what is selected of the entity it refers to. */
type Selection = ReadonlyMap<string, Selection>;

/** `['name', 'Sample.weight', 'Sample.note']` as a tree. */
function selectionTree(selectors: readonly string[]): Selection {
	const below = new Map<string, string[]>();
	for (const selector of selectors) {
		const [name = '', ...rest] = selector.trim().toLowerCase().split('.');
		const known = below.get(name) ?? [];
		below.set(name, rest.length === 0 ? known : [...known, rest.join('.')]);
	}
	return new Map([...below].map(([name, inner]) => [name, selectionTree(inner)]));
}

class Selector {
	readonly #state: ServerState;
	readonly #options: AnswerOptions;

	constructor(state: ServerState, options: AnswerOptions) {
		this.#state = state;
		this.#options = options;
	}

	/** The element with the selected properties only. */
	select(entity: Entity, selection: Selection): XmlElement {
		const shown = entityElement(entity, this.#state, this.#options);
		const children = shown.children.flatMap((child): Array<XmlElement | string> => {
			if (typeof child === 'string' || child.name !== 'Property') return [child];
			const inner = selection.get(child.attributes.get('name')?.toLowerCase() ?? '');
			if (inner === undefined) return [];
			return [inner.size === 0 ? child : this.#resolve(child, inner)];
		});
		return { ...shown, children };
	}

	/** Puts the entities in place of the ids that the value, or each of its items, holds. */
	#resolve(holder: XmlElement, selection: Selection): XmlElement {
		const children = holder.children.map((child) => {
			if (typeof child !== 'string') {
				return child.name === 'Value' ? this.#resolve(child, selection) : child;
			}
			const entity = this.#state.store.head(referencedId(child));
			if (entity === undefined || !this.#mayRetrieve(entity)) return child;
			return this.select(entity, selection);
		});
		return { ...holder, children };
	}

	#mayRetrieve(entity: Entity): boolean {
		const { actor } = this.#options;
		return mayTouch(this.#state, entity, { actor, permission: 'RETRIEVE:ENTITY' });
	}
}

/** Makes the answer to a SELECT for one entity: `Sample.weight` shows the Sample in the property. */
export function selecting(
	selectors: readonly string[],
	state: ServerState,
	options: AnswerOptions,
): (entity: Entity) => XmlElement {
	const [selection, selector] = [selectionTree(selectors), new Selector(state, options)];
	return (entity) => selector.select(entity, selection);
}

/** The columns, as the answer repeats them. */
export function selectionElement(selectors: readonly string[]): XmlElement {
	return element(
		'Selection',
		{},
		selectors.map((name) => element('Selector', { name })),
	);
}
