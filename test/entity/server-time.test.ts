import { describe, expect, test } from 'vitest';

import { filterTime, parseClock, parseVersionDate } from '../../lib/entity/changes/server-time.ts';

describe('a date of a version', () => {
	test.each([
		['2024-03-02T12:20:23.100+0100', '2024-03-02T11:20:23.100Z'],
		['2024-03-02T12:20:23.100+0000', '2024-03-02T12:20:23.100Z'],
		['2024-03-02T12:20:23.123456-0330', '2024-03-02T15:50:23.123Z'],
		['2024-03-02 12:20:23+05:30', '2024-03-02T06:50:23.000Z'],
		['2024-03-02T12:20:23Z', '2024-03-02T12:20:23.000Z'],
		['2024-03-02T12:20:23', '2024-03-02T12:20:23.000Z'],
	])('%s is %s', (text, time) => {
		expect(new Date(parseVersionDate(text)).toISOString()).toBe(time);
	});

	test.each(['', 'yesterday', '2024-03-02', '1709382023100'])('is not "%s"', (text) => {
		expect(parseVersionDate(text)).toBeNaN();
	});
});

/** What a server in Berlin would take a local time for; in the hour that comes twice, for the second one. */
function asBerlin(local: string): number {
	const utc = Date.parse(`${local}Z`);
	const summer = utc >= Date.UTC(2026, 2, 29, 3) && utc < Date.UTC(2026, 9, 25, 2);
	return utc - (summer ? 2 : 1) * 3_600_000;
}

describe('the time of a filter', () => {
	test.each([
		['+0000', 'UTC', '2026-05-01T10:00:00'],
		['+0530', 'Asia/Kolkata', '2026-05-01T15:30:00'],
		['-0400', 'America/New_York', '2026-05-01T06:00:00'],
		['+0200', 'Europe/Berlin', '2026-05-01T12:00:00'],
	])('is local: %s in %s', (offset, zone, local) => {
		const since = Date.UTC(2026, 4, 1, 10, 0, 0, 999);
		expect(filterTime(since, since + 1000, parseClock(offset, zone))).toBe(local);
	});

	test.each([
		['+0200', undefined],
		['+0200', 'somewhere'],
		['+0100', 'Europe/Berlin'],
	])('is an hour earlier when the clocks may have been changed: %s in %s', (offset, zone) => {
		const since = Date.UTC(2026, 4, 1, 10);
		const hours = Number(offset.slice(1, 3)) + 9;
		const local = filterTime(since, since, parseClock(offset, zone));
		expect(local).toBe(`2026-05-01T${hours}:00:00`);
	});

	test.each([
		['spring', Date.UTC(2026, 2, 29, 1)],
		['autumn', Date.UTC(2026, 9, 25, 1)],
	])('is never too late in the nights when clocks are changed: %s', (_season, change) => {
		for (let minute = -300; minute <= 300; minute += 7) {
			for (const pollAfter of [1, 10, 70, 200]) {
				const since = change + minute * 60_000;
				const now = since + pollAfter * 60_000;
				const isSummer = now >= Date.UTC(2026, 2, 29, 1) && now < Date.UTC(2026, 9, 25, 1);
				const clock = parseClock(isSummer ? '+0200' : '+0100', 'Europe/Berlin');
				expect(asBerlin(filterTime(since, now, clock))).toBeLessThanOrEqual(since);
			}
		}
	});

	test('needs a server that tells its offset', () => {
		expect(() => parseClock('CET', 'Europe/Berlin')).toThrow('does not tell its time zone');
		expect(() => parseClock(undefined, undefined)).toThrow('does not tell its time zone');
	});
});
