/** Attributes as they stand, names as written. */
export type Attributes = Readonly<Record<string, string>>;

/** An element that is kept as it came; texts stand between the elements, not stripped. */
export interface XmlElement {
	readonly name: string;
	readonly attributes: Attributes;
	readonly children: ReadonlyArray<XmlElement | string>;
}

export type AttributeBag = Record<string, string>;

/** An object without prototype would be slow, and one with `Object` as its own has names of its own. */
const NOTHING: object = Object.freeze(Object.create(null));

/** Any name may be put. */
export function attributeBag(): AttributeBag {
	return Object.create(NOTHING) as AttributeBag;
}

export const NO_ATTRIBUTES: Attributes = Object.freeze({});

/** The element children, or those of one name. */
export function childElements({ children }: XmlElement, name?: string): XmlElement[] {
	return children.filter(
		(child): child is XmlElement =>
			typeof child !== 'string' && (name === undefined || child.name === name),
	);
}

/** All text directly inside, joined. */
export function ownText({ children }: XmlElement): string {
	return children.filter((child) => typeof child === 'string').join('');
}
