import type { Query } from 'mysql2';

import { EngineError } from '../core/index.ts';

/** What mysql2 3.24 hands to a command for each packet; one object is reused for all packets. */
export interface RawPacket {
	readonly buffer: Buffer;
	readonly offset: number;
	readonly end: number;
}

const EOF_MARKER = 0xfe;
/** A row may begin with 0xfe (a value of 16 MiB or more) but is never so short. */
const EOF_MAX_BYTES = 9;

/**
 * Takes the row packets of a text-protocol query before mysql2 makes objects of them. It replaces the
 * method `row` of that one command (lib/commands/query.js); the end-of-rows packet still goes to
 * mysql2, so its callback proves the end. The version of mysql2 is pinned and a test on every server
 * guards this use of its inside.
 */
export function tapRows(query: Query, onRow: (packet: RawPacket) => void): void {
	const original: unknown = Reflect.get(query, 'row');
	if (typeof original !== 'function') {
		throw new EngineError('internal', 'This version of mysql2 reads rows in an unknown way');
	}
	const tapped = function (packet: RawPacket, connection: unknown): unknown {
		const { buffer, offset, end } = packet;
		if (buffer[offset] === EOF_MARKER && end - offset < EOF_MAX_BYTES) {
			const next: unknown = Reflect.apply(original, query, [packet, connection]);
			return next;
		}
		onRow(packet);
		return tapped;
	};
	Reflect.set(query, 'row', tapped);
}
