/** A name as SQL text: in backticks, backticks doubled. Every name in every statement goes through here. */
export function quoteIdentifier(name: string): string {
	return `\`${name.replaceAll('`', '``')}\``;
}

/** A text as SQL literal, for sessions whose sql_mode has no NO_BACKSLASH_ESCAPES. */
export function quoteText(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}

/** A name inside a `--` comment: what could end the line is shown as a question mark. */
export function commentText(text: string): string {
	// eslint-disable-next-line no-control-regex
	return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, '?');
}
