/** `key:value,key,` taken apart; a key without a value has ''. */
export function readFlags(flag: string | null): ReadonlyMap<string, string> {
	const flags = new Map<string, string>();
	for (const part of (flag ?? '').split(',')) {
		const colon = part.indexOf(':');
		const key = (colon < 0 ? part : part.slice(0, colon)).trim();
		if (key !== '') flags.set(key, colon < 0 ? '' : part.slice(colon + 1).trim());
	}
	return flags;
}

/** The value of the flag `inheritance`, e.g. `OBLIGATORY`; null when there is none. */
export function inheritanceOf(flag: string | null): string | null {
	return readFlags(flag).get('inheritance') ?? null;
}
