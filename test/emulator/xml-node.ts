/** An element with its attributes in order, its text and its children. */
export interface XmlElement {
	readonly name: string;
	readonly attributes: Map<string, string>;
	readonly children: Array<XmlElement | string>;
}

type Attributes = Readonly<Record<string, string | number | null | undefined>>;

/** Makes an element; attributes without a value are left out. */
export function element(
	name: string,
	attributes: Attributes = {},
	children: Array<XmlElement | string> = [],
): XmlElement {
	const given = new Map<string, string>();
	for (const [key, value] of Object.entries(attributes)) {
		if (value !== null && value !== undefined) given.set(key, String(value));
	}
	return { name, attributes: given, children };
}

export function attribute({ attributes }: XmlElement, name: string): string | null {
	return attributes.get(name) ?? null;
}

export function childElements({ children }: XmlElement, name?: string): XmlElement[] {
	return children.filter(
		(child): child is XmlElement =>
			typeof child !== 'string' &&
			(name === undefined || child.name.toLowerCase() === name.toLowerCase()),
	);
}

/** All text directly inside the element. */
export function ownText({ children }: XmlElement): string {
	return children.filter((child) => typeof child === 'string').join('');
}
