import { type XmlElement, childElements, ownText } from '../xml-element.ts';
import type { Answer } from './read-answer.ts';
import { otherNamed } from './read-answer.ts';

/** What `Info` tells about the server and who asks. */
export interface ServerInfo {
	/** Absent for an anonymous request. */
	readonly user?: string;
	readonly realm?: string;
	readonly roles: readonly string[];
	/** Offset such as `+0100` and name, as the server gives them. */
	readonly timeZone?: { readonly id: string; readonly offset: string };
	/** Milliseconds since 1970 on the server's clock, if it says so. */
	readonly time?: number;
	/** Numbers by name, e.g. `records`, `files`. */
	readonly counts: Readonly<Record<string, number>>;
}

function countsOf(stats: XmlElement | undefined): Record<string, number> {
	const counts = stats === undefined ? undefined : childElements(stats, 'counts')[0];
	const numbers = Object.entries(counts?.attributes ?? {}).map(
		([name, value]) => [name, Number(value)] as const,
	);
	return Object.fromEntries(numbers.filter(([, value]) => Number.isFinite(value)));
}

export function serverInfo(answer: Answer): ServerInfo {
	const user = otherNamed(answer, 'UserInfo');
	const zone = otherNamed(answer, 'TimeZone');
	const roles =
		user === undefined ? [] : childElements(user, 'Roles').flatMap((all) => childElements(all));
	const { username, realm } = user?.attributes ?? {};
	const { id = '', offset = '' } = zone?.attributes ?? {};
	return {
		...(username === undefined ? {} : { user: username }),
		...(realm === undefined ? {} : { realm }),
		roles: roles.map(ownText),
		...(zone === undefined ? {} : { timeZone: { id, offset } }),
		...(answer.time === undefined ? {} : { time: answer.time }),
		counts: countsOf(otherNamed(answer, 'stats')),
	};
}
