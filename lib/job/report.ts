import type { StoredArtifact } from './artifact-plan.ts';
import type { SetState } from '../artifact/index.ts';

/** What every job tells, flat enough for a message: design of the nodes' output. */
export interface JobReport {
	readonly kind: string;
	readonly status: 'complete' | 'partial';
	readonly startedAt: string;
	readonly finishedAt: string;
	/** Milliseconds. */
	readonly durationMs: number;
	/** One English sentence. */
	readonly summary: string;
	/** English sentences about what the person should know; they do not make the result worse. */
	readonly warnings: readonly string[];
	readonly details: Readonly<Record<string, unknown>>;
}

export interface BackupReport extends JobReport {
	readonly fileName: string;
	readonly bytes: number;
	readonly sizeText: string;
	readonly sha256: string;
	readonly contentBytes: number;
	readonly mimeType: string;
	readonly path?: string;
	readonly backupSet?: string;
	readonly setState?: SetState;
	readonly instance?: string;
	/** The id in the binary store, for the node to attach the file. */
	readonly binaryId?: string;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units with three digits, e.g. `58.1 MB`. */
export function sizeText(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** e.g. `1 table`, `50 tables`, `20,000 rows`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
	return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}

/** e.g. `0.8 s`, `95 s`, `12 min`. */
export function durationText(milliseconds: number): string {
	const seconds = milliseconds / 1000;
	if (seconds < 10) return `${seconds.toFixed(1)} s`;
	return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export interface Times {
	readonly startedAt: string;
	readonly finishedAt: string;
	readonly durationMs: number;
}

/** Times of a job that began at `start` and ends now. */
export function timesSince(start: Date): Times {
	const end = new Date();
	return {
		startedAt: start.toISOString(),
		finishedAt: end.toISOString(),
		durationMs: end.getTime() - start.getTime(),
	};
}

/** The report of an artifact that was stored. */
export function backupReport(
	kind: string,
	start: Date,
	stored: StoredArtifact,
	made: {
		readonly subject: string;
		/** Continues the sentence after the place. */
		readonly contents: string;
		readonly warnings: readonly string[];
		readonly details: Readonly<Record<string, unknown>>;
	},
): BackupReport {
	const { fileName, bytes, sha256, mimeType, content } = stored;
	const { path, backupSet, setState, instance, binaryId } = stored;
	const times = timesSince(start);
	const size = sizeText(bytes);
	const place = backupSet ?? path ?? `the file ${fileName}`;
	return {
		kind,
		status: 'complete',
		fileName,
		bytes,
		sizeText: size,
		sha256,
		contentBytes: content.bytes,
		mimeType,
		...(path === undefined ? {} : { path }),
		...(backupSet === undefined ? {} : { backupSet }),
		...(setState === undefined ? {} : { setState }),
		...(instance === undefined ? {} : { instance }),
		...(binaryId === undefined ? {} : { binaryId }),
		...times,
		summary: `${made.subject} was backed up to ${place} in ${durationText(times.durationMs)} (${size})${made.contents}.`,
		warnings: made.warnings,
		details: made.details,
	};
}
