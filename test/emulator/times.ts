/** Time inside the server, from the last byte of a request to the last byte of its answer. */
export interface KindTime {
	readonly kind: string;
	readonly count: number;
	readonly totalMs: number;
	readonly maxMs: number;
}

/** `GET Entity`, `GET Entity?query`, `POST Entity`, … */
export function requestKind(method: string, url: string): string {
	const [path = '', flags = ''] = url.split('?', 2);
	const [resource = ''] = path.split('/').filter((segment) => segment !== '');
	const flag = /(?:^|&)(query|InsertFilesInDir)=/.exec(flags)?.[1];
	return `${method} ${resource}${flag === undefined ? '' : `?${flag}`}`;
}

/** What requests cost the server itself, by kind. */
export class Times {
	readonly #kinds = new Map<string, { count: number; totalMs: number; maxMs: number }>();

	#making = 0;
	#begun = performance.eventLoopUtilization();
	#waitedMs = 0;

	/** Makes an answer; where it waits, it waits for the server's own disk. */
	async making<T>(answer: () => Promise<T>): Promise<T> {
		if (this.#making++ === 0) this.#begun = performance.eventLoopUtilization();
		try {
			return await answer();
		} finally {
			if (--this.#making === 0) this.#waitedMs += this.#idleMs();
		}
	}

	/** How long the server was at work since its start: busy, or waiting for its own disk. */
	get atWorkMs(): number {
		const { active } = performance.eventLoopUtilization();
		return active + this.#waitedMs + (this.#making > 0 ? this.#idleMs() : 0);
	}

	#idleMs(): number {
		return performance.eventLoopUtilization(this.#begun).idle;
	}

	add(kind: string, ms: number): void {
		const known = this.#kinds.get(kind) ?? { count: 0, totalMs: 0, maxMs: 0 };
		known.count++;
		known.totalMs += ms;
		known.maxMs = Math.max(known.maxMs, ms);
		this.#kinds.set(kind, known);
	}

	/** Most time first. */
	list(): KindTime[] {
		const all = [...this.#kinds].map(([kind, time]) => ({ kind, ...time }));
		return all.sort((left, right) => right.totalMs - left.totalMs);
	}

	clear(): void {
		this.#kinds.clear();
	}

	/** One line for each kind. */
	text(): string {
		return this.list()
			.map(({ kind, count, totalMs, maxMs }) => {
				const mean = (totalMs / count).toFixed(2);
				return `${kind.padEnd(24)} ${String(count).padStart(7)} × ${mean.padStart(8)} ms (max ${maxMs.toFixed(1)} ms, total ${totalMs.toFixed(0)} ms)`;
			})
			.join('\n');
	}
}
