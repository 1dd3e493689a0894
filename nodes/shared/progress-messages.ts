import type { IExecuteFunctions } from 'n8n-workflow';

import type { ProgressEvent } from '../../lib/core/index.ts';

const INTERVAL_MS = 2_000;

function text({ phase, done, total, unit, item }: ProgressEvent): string {
	const amount = done.toLocaleString('en-US');
	const of = total === undefined ? '' : ` of ${total.toLocaleString('en-US')}`;
	return `${phase}: ${amount}${of} ${unit}${item === undefined ? '' : ` (${item})`}`;
}

/** Tells n8n's log, and in manual runs the browser console, where a job stands. */
export function progressMessages(context: IExecuteFunctions): (event: ProgressEvent) => void {
	const manual = context.getMode() === 'manual';
	let phase = '';
	let last = 0;
	return (event) => {
		const now = Date.now();
		if (event.phase === phase && now - last < INTERVAL_MS) return;
		phase = event.phase;
		last = now;
		const message = `${context.getNode().name}: ${text(event)}`;
		context.logger.debug(message);
		if (manual) context.sendMessageToUI(message);
	};
}
