/** `at` is the place in the text that was given. */
type Refuse = (at: number, reason: string) => never;

const REFERENCE = /&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(amp|lt|gt|quot|apos));|&/g;
const ENTITIES: Readonly<Record<string, string>> = {
	...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
};
const LAST_CODE_POINT = 0x10ffff;

/** Whether a document may have the character: production 2 of https://www.w3.org/TR/xml/#NT-Char. */
function isXmlCharacter(code: number): boolean {
	if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
	return (code < 0xd800 || code > 0xdfff) && (code & ~1) !== 0xfffe && code <= LAST_CODE_POINT;
}

/** Replaces references to characters, and to the five entities that XML has itself. */
export function expandReferences(text: string, refuse: Refuse): string {
	return text.replace(
		REFERENCE,
		(
			whole: string,
			hex: string | undefined,
			decimal: string | undefined,
			name: string | undefined,
			at: number,
		) => {
			if (name !== undefined) return ENTITIES[name] ?? '';
			const digits = hex ?? decimal;
			if (digits === undefined) return refuse(at, '& begins no reference that is known');
			const code = Number.parseInt(digits, hex === undefined ? 10 : 16);
			if (!isXmlCharacter(code)) return refuse(at, `${whole} is no character that XML allows`);
			return String.fromCodePoint(code);
		},
	);
}

/** What an attribute says: line ends and tabs are blanks there, unless they are written as references. */
export function attributeValue(written: string, refuse: Refuse): string {
	const opening = written.indexOf('<');
	if (opening >= 0) refuse(opening, '< stands in an attribute');
	const plain = /[\t\n]/.test(written) ? written.replace(/[\t\n]/g, ' ') : written;
	return plain.includes('&') ? expandReferences(plain, refuse) : plain;
}
