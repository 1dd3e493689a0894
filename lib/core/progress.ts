/** What a job does, in the order in which a person meets it. Closed, so that texts can be made of it. */
export const PHASES = [
	'prepare',
	'dump',
	'archive',
	'check',
	'load',
	'extract',
	'verify',
	'finish',
] as const;

export type Phase = (typeof PHASES)[number];

export type ProgressUnit = 'bytes' | 'rows' | 'entries' | 'statements';

/** Where a job stands. `total` is absent when it is not known; `item` names the table or file at hand. */
export interface ProgressEvent {
	readonly phase: Phase;
	readonly done: number;
	readonly total?: number;
	readonly unit: ProgressUnit;
	readonly item?: string;
}

/** Receives progress. Called often, so it must be cheap; the worker runtime thins the events out. */
export interface ProgressSink {
	report(event: ProgressEvent): void;
}

export const NO_PROGRESS: ProgressSink = { report: () => undefined };
