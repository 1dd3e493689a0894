/*
 * Names of elements and attributes: productions 4 and 4a of https://www.w3.org/TR/xml/#NT-NameStartChar.
 */

const START =
	'A-Z_a-z:\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
// eslint-disable-next-line no-misleading-character-class -- the ranges are those of the standard
const NAME = new RegExp(`^[${START}][${START}.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040-]*$`, 'u');
const ASCII_END = 0x80;

/** By code: 1 where a name may have the character. */
const ASCII = Uint8Array.from({ length: ASCII_END }, (_none, code) =>
	/[-.:\w]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Where what may be a name ends that begins at `start`. */
export function nameEnd(text: string, start: number): number {
	let at = start;
	for (; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code < ASCII_END && ASCII[code] === 0) break;
	}
	return at;
}

/** Whether all of it is a name. */
export function isXmlName(text: string): boolean {
	return NAME.test(text);
}
