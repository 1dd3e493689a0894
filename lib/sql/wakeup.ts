/** Lets one side wait until the other has something new; a wake before the wait is not lost. */
export class Wakeup {
	#pending = false;
	#resolve: (() => void) | undefined;

	wake(): void {
		this.#pending = true;
		this.#resolve?.();
	}

	async wait(): Promise<void> {
		if (!this.#pending) {
			await new Promise<void>((resolve) => {
				this.#resolve = resolve;
			});
		}
		this.#pending = false;
		this.#resolve = undefined;
	}
}
