import type { Bar } from './bar.ts';

export interface BenchOptions {
	/** Small data, so that the bench ends within a minute; the figures say less. */
	readonly quick: boolean;
	/** Prints a line for people. */
	readonly say: (line: string) => void;
}

/** Measures our side and the peer's in one run. Throws when it cannot measure; a short bar is no failure. */
export type Bench = (options: BenchOptions) => Promise<readonly Bar[]>;

/** Each is loaded only when it is asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
	entity: async () => (await import('./entity.ts')).benchEntity,
	n8n: async () => (await import('./n8n.ts')).benchN8n,
	'sql-backup': async () => (await import('./sql-backup.ts')).benchSqlBackup,
	'sql-restore': async () => (await import('./sql-restore.ts')).benchSqlRestore,
	tree: async () => (await import('./tree.ts')).benchFileRoot,
};
