const BLOCK = 512;

/** One member of a tar that says what no tar program would. */
export interface Entry {
	readonly name: string;
	readonly type?: string;
	readonly link?: string;
	readonly body?: string;
	/** Instead of the length of the body. */
	readonly size?: number;
	/** Whole fields instead of the usual ones: size, time. */
	readonly sizeField?: Buffer;
	readonly timeField?: string;
	/** v7 has no magic. */
	readonly magic?: string;
}

function header(entry: Entry): Buffer {
	const { name, type = '0', link = '', body = '', magic = 'ustar\x0000' } = entry;
	const { size = body.length, timeField = '00000000000\0' } = entry;
	const head = Buffer.alloc(BLOCK);
	head.write(name, 0, 100, 'latin1');
	head.write('0000644\0', 100);
	head.write('0000000\0', 108);
	head.write('0000000\0', 116);
	head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
	entry.sizeField?.copy(head, 124);
	head.write(timeField, 136, 12, 'latin1');
	head.write('        ', 148);
	head.write(type, 156);
	head.write(link, 157, 100, 'latin1');
	head.write(magic, 257);
	const sum = head.reduce((total, byte) => total + byte, 0);
	head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	return head;
}

export function tar(entries: readonly Entry[], isEnded = true): Buffer {
	const parts = entries.flatMap((entry) => {
		const { body = '' } = entry;
		const padded = body.padEnd(Math.ceil(body.length / BLOCK) * BLOCK, '\0');
		return [header(entry), Buffer.from(padded, 'latin1')];
	});
	return Buffer.concat([...parts, Buffer.alloc(isEnded ? 2 * BLOCK : 0)]);
}

/** Records of an extended header. */
export function pax(records: Readonly<Record<string, string>>): string {
	return Object.entries(records)
		.map(([key, value]) => {
			const rest = ` ${key}=${value}\n`;
			let length = rest.length + 1;
			while (String(length).length + rest.length !== length) length++;
			return `${length}${rest}`;
		})
		.join('');
}
