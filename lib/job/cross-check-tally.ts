import { type BytePath, toText } from '../tree/index.ts';
import { counted } from './report.ts';

/** What a comparison of one row or member may give. */
export const CROSS_CHECK_RESULTS = [
	'agreeingFiles',
	'agreeingLinks',
	'missing',
	'removedMeanwhile',
	'different',
	'unreachableLinks',
	'withoutRow',
] as const;
export type CrossCheckResult = (typeof CROSS_CHECK_RESULTS)[number];

/** Results that a person should look at. */
const NOTABLE = [
	'missing',
	'removedMeanwhile',
	'different',
	'unreachableLinks',
	'withoutRow',
] as const;
type Notable = (typeof NOTABLE)[number];

/** The comparison of CaosDB's table of files with an archive of its file root. Plain data. */
export interface CrossCheck extends Readonly<Record<CrossCheckResult, number>> {
	/** Of the table. */
	readonly rows: number;
	/** The first few of each, with what is wrong where that is not all the same. */
	readonly examples: Readonly<Record<Notable, readonly string[]>>;
}

const EXAMPLES_MAX = 10;
/** More than these, and more than this share of all, is no everyday work between two backups. */
const REMOVED_MAX = 10;
const REMOVED_SHARE_MAX = 0.01;

export class CrossCheckTally {
	#rows = 0;
	readonly #counts: Record<CrossCheckResult, number> = {
		...{ agreeingFiles: 0, agreeingLinks: 0, missing: 0, removedMeanwhile: 0 },
		...{ different: 0, unreachableLinks: 0, withoutRow: 0 },
	};
	readonly #examples: Record<Notable, string[]> = {
		...{ missing: [], removedMeanwhile: [], different: [], unreachableLinks: [], withoutRow: [] },
	};

	addRow(): void {
		this.#rows++;
	}

	add(result: CrossCheckResult, path: BytePath, what?: string): void {
		this.#counts[result]++;
		const notable = NOTABLE.find((name) => name === result);
		if (notable === undefined || this.#examples[notable].length >= EXAMPLES_MAX) return;
		const text = toText(path);
		this.#examples[notable].push(what === undefined ? text : `${text}: ${what}`);
	}

	result(): CrossCheck {
		const { removedMeanwhile, missing } = this.#counts;
		const plausible = Math.max(REMOVED_MAX, this.#rows * REMOVED_SHARE_MAX);
		const found = { rows: this.#rows, ...this.#counts, examples: this.#examples };
		if (removedMeanwhile <= plausible) return found;
		const all = [...this.#examples.missing, ...this.#examples.removedMeanwhile];
		return {
			...found,
			...{ missing: missing + removedMeanwhile, removedMeanwhile: 0 },
			examples: { ...found.examples, missing: all.slice(0, EXAMPLES_MAX), removedMeanwhile: [] },
		};
	}
}

const SENTENCES: Readonly<Record<Notable, readonly [one: string, many: string, rest: string]>> = {
	missing: [
		'file of the database is',
		'files of the database are',
		'not in the archive, which was allowed',
	],
	removedMeanwhile: [
		'file of the database was',
		'files of the database were',
		'removed or renamed between the two backups: they are not in the archive under their old names',
	],
	different: [
		'file differs',
		'files differ',
		'in size or content from what the database says: look whether they were changed by hand or are damaged',
	],
	unreachableLinks: [
		'file of the database is a link whose',
		'files of the database are links whose',
		'target cannot be reached from here: its content was not compared',
	],
	withoutRow: [
		'file or link in the archive has',
		'files or links in the archive have',
		'no row in the database: put there by hand, or removed from the database between the two backups',
	],
};

/** Sentences about what does not agree. */
export function crossCheckWarnings(check: CrossCheck): string[] {
	return NOTABLE.filter((name) => check[name] > 0).map((name) => {
		const [one, many, rest] = SENTENCES[name];
		const [example = ''] = check.examples[name];
		return `${counted(check[name], one, many)} ${rest} (for example ${example}).`;
	});
}

/** Continues the sentence of a report. */
export function crossCheckText(check: CrossCheck): string {
	const { rows, agreeingFiles, agreeingLinks, unreachableLinks } = check;
	const links = agreeingLinks + unreachableLinks;
	const said = links === 0 ? '' : ` and ${agreeingLinks} of ${counted(links, 'link')}`;
	return `; of ${counted(rows, 'file')} in the database ${agreeingFiles}${said} agree`;
}
