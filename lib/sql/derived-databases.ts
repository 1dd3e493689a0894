import { EngineError } from '../core/index.ts';

/**
 * The databases that a restore makes beside its target. Their names are part of the format: the next run
 * finds by them what a killed one left. A grant on `target%` covers them all.
 */
const STAGING = '_n8n_staging';
const REHEARSAL = '_n8n_rehearsal';
const KEPT = '_before_';
const NAME_MAX_CHARACTERS = 64;
/** `20261122_203000`. */
const TIME_CHARACTERS = 15;

export function stagingName(target: string): string {
	return derived(target, STAGING);
}

export function rehearsalName(target: string): string {
	return derived(target, REHEARSAL);
}

/** Where the content of the target goes; `at` makes it unique and sorts it. */
export function keptName(target: string, at: Date): string {
	const time = at.toISOString().replaceAll(/[-:]/g, '').slice(0, TIME_CHARACTERS);
	return derived(target, `${KEPT}${time.replace('T', '_')}`);
}

/** What the name of every kept database of this target begins with. */
export function keptPrefix(target: string): string {
	return `${target}${KEPT}`;
}

function derived(target: string, suffix: string): string {
	const name = `${target}${suffix}`;
	if ([...name].length <= NAME_MAX_CHARACTERS) return name;
	const most = NAME_MAX_CHARACTERS - KEPT.length - TIME_CHARACTERS;
	throw new EngineError('invalid_option', `The database name ${target} is too long`, {
		remedy: `A restore makes databases with longer names beside it, so it may have ${most} characters.`,
		details: { characters: [...target].length, most },
	});
}
