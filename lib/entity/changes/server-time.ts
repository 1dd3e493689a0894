import { EngineError } from '../../core/index.ts';
import type { ServerClock } from './change-server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const DATE =
	/^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$/;

function offsetMinutes(text: string): number | undefined {
	if (text === 'Z') return 0;
	const found = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
	if (found === null) return undefined;
	const minutes = Number(found[2]) * 60 + Number(found[3]);
	return found[1] === '-' ? -minutes : minutes;
}

/**
 * Milliseconds since 1970 of a version's date, e.g. `2024-03-02T12:20:23.100+0100`; without a zone it is in
 * UTC. NaN when it is none.
 */
export function parseVersionDate(text: string): number {
	const found = DATE.exec(text.trim());
	if (found === null) return NaN;
	const [, day = '', time = '', fraction = '', zone = 'Z'] = found;
	const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
	const offset = offsetMinutes(zone) ?? NaN;
	return Date.parse(`${day}T${time}Z`) + milliseconds - offset * MINUTE_MS;
}

/** The clock of a server whose Info says e.g. `offset="+0100"`. Throws `server_answer_invalid`. */
export function parseClock(offset: string | undefined, zone: string | undefined): ServerClock {
	const minutes = offsetMinutes(offset?.trim() ?? '');
	if (minutes === undefined) {
		throw new EngineError('server_answer_invalid', 'The server does not tell its time zone', {
			remedy: 'Check that the address is that of a CaosDB server, without anything in between.',
			details: { offset: offset ?? '' },
		});
	}
	return { offset: minutes, zone: zone ?? null };
}

function zoneOffset(zone: string, time: number): number | undefined {
	try {
		const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
		const parts = format.formatToParts(time);
		const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
		return name === 'GMT' ? 0 : offsetMinutes(name.replace('GMT', ''));
	} catch {
		return undefined;
	}
}

/** Whether the clocks are surely not changed from `since` until `until`, nor a little before or after. */
function isSteady({ offset, zone }: ServerClock, since: number, until: number): boolean {
	if (zone === null) return false;
	const times = [since - 3 * HOUR_MS, since, until, until + 3 * HOUR_MS];
	return times.every((time) => zoneOffset(zone, time) === offset);
}

/**
 * A moment as the server's local time, for a filter that is to find everything since then. When clocks may
 * have been changed meanwhile a local time may not exist, or twice: an hour more is asked for.
 */
export function filterTime(since: number, now: number, clock: ServerClock): string {
	const early = isSteady(clock, since, now) ? since : since - HOUR_MS;
	const local = new Date(early + clock.offset * MINUTE_MS).toISOString();
	return local.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
}
