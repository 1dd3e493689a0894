import { basename, dirname, normalize } from 'node:path';

import { EngineError } from '../core/index.ts';
import { toText } from './byte-path.ts';
import { namesIn } from './folder-names.ts';
import type { SwapLayout } from './root-place.ts';

/*
 * A root that was replaced is kept as `<keptPrefix>before-<time>` by a restore, as `undone-<time>` by a
 * roll back. Nobody but a person removes one.
 */

const KEPT = /^(before|undone)-\d{8}T\d{6}Z(-\d+)?$/;

function timestamp(): string {
	return new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

export function isKeptName({ keptPrefix }: SwapLayout, name: string): boolean {
	return name.startsWith(keptPrefix) && KEPT.test(name.slice(keptPrefix.length));
}

/** Whether a roll back has kept it. */
export function isUndone({ keptPrefix }: SwapLayout, kept: string): boolean {
	return kept.startsWith(`${keptPrefix}undone-`);
}

/** What the person knows it by. */
export function displayOf({ displayPrefix, keptPrefix }: SwapLayout, kept: string): string {
	return `${displayPrefix}${kept.slice(keptPrefix.length)}`;
}

/** When it was kept, and as which of that second. */
function momentOf({ keptPrefix }: SwapLayout, kept: string): readonly [string, number] {
	const [, time = '', number = '1'] = kept.slice(keptPrefix.length).split('-');
	return [time, Number(number)];
}

function keptIn(layout: SwapLayout): string[] {
	return namesIn(layout.base)
		.map(toText)
		.filter((name) => isKeptName(layout, name));
}

/**
 * A name of this moment, later than those of all that are kept, and of `former`, which was one: who asks
 * for that by its name must not get another.
 */
export function freeKeptName(
	layout: SwapLayout,
	kind: 'before' | 'undone',
	former: string | undefined,
): string {
	const now = timestamp();
	const known = former === undefined ? keptIn(layout) : [former, ...keptIn(layout)];
	const ofNow = known.map((kept) => momentOf(layout, kept)).filter(([time]) => time === now);
	const number = Math.max(0, ...ofNow.map(([, taken]) => taken)) + 1;
	return `${layout.keptPrefix}${kind}-${now}${number === 1 ? '' : `-${number}`}`;
}

/** The root that a restore kept last. Throws `path_missing`. */
export function newestKept(layout: SwapLayout): string {
	const [newest] = keptIn(layout)
		.filter((kept) => !isUndone(layout, kept))
		.map((kept) => ({ kept, moment: momentOf(layout, kept) }))
		.sort(({ moment: [a, x] }, { moment: [b, y] }) => (a === b ? y - x : a < b ? 1 : -1));
	if (newest !== undefined) return newest.kept;
	throw noneKept(`${layout.displayPrefix}before-…`);
}

/** The name of a kept root as a run has reported it, or its last part. Throws `invalid_option`. */
export function keptNamed(layout: SwapLayout, given: string): string {
	const path = normalize(given).replace(/\/$/, '');
	const name = basename(path);
	const isHere = !path.includes('/') || dirname(path) === dirname(displayOf(layout, name));
	if (isHere && isKeptName(layout, name)) return name;
	throw new EngineError('invalid_option', `'${given}' is no kept file root of this folder`, {
		remedy: `Take the field 'keptPath' of a restore: ${layout.displayPrefix}before-… Or leave it empty for the newest.`,
	});
}

export function noneKept(displayPath: string): EngineError {
	return new EngineError('path_missing', `There is no ${displayPath} to roll back to`, {
		remedy:
			'Only a restore that replaced a file root keeps the old one, until somebody removes it.',
		details: { path: displayPath },
	});
}
