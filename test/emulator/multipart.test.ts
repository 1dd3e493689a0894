import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MultipartError, boundaryOf, readParts } from './multipart.ts';

const BOUNDARY = '99a1be0d75c14c04ba344c4b286355bf';

function body(contents: readonly Uint8Array[]): Buffer {
	const parts = contents.map((content, index) =>
		Buffer.concat([
			Buffer.from(
				`--${BOUNDARY}\r\nContent-Disposition: form-data; name="0x${index}"; filename="t${index}"\r\nContent-Type: text/plain\r\n\r\n`,
			),
			content,
			Buffer.from('\r\n'),
		]),
	);
	return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

describe('multipart bodies', () => {
	it('are taken apart byte by byte', () => {
		fc.assert(
			fc.property(
				fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 4 }),
				(contents) => {
					const parts = readParts(body(contents), BOUNDARY);
					expect(parts.map(({ content }) => [...content])).toEqual(contents.map((one) => [...one]));
					expect(parts.map(({ fileName }) => fileName)).toEqual(
						contents.map((_one, index) => `t${index}`),
					);
				},
			),
		);
	});

	it('may lack any part of the closing boundary', () => {
		const whole = body([Buffer.from('first'), Buffer.from('second')]);
		const closing = `\r\n--${BOUNDARY}--\r\n`.length;
		for (let missing = 0; missing <= closing; missing++) {
			const parts = readParts(whole.subarray(0, whole.length - missing), BOUNDARY);
			expect([missing, ...parts.map(({ content }) => content.toString())]).toEqual([
				missing,
				'first',
				'second',
			]);
		}
	});

	it('have names with quotes, and boundaries with and without them', () => {
		const text = `--b\r\nContent-Disposition: form-data; name="a\\"b"\r\n\r\nx\r\n--b--\r\n`;
		expect(readParts(Buffer.from(text), 'b')[0]).toMatchObject({ name: 'a"b', fileName: null });
		expect(boundaryOf('multipart/form-data; boundary="a b"')).toBe('a b');
		expect(boundaryOf('multipart/form-data; boundary=ab')).toBe('ab');
		expect(boundaryOf('text/xml')).toBeNull();
	});

	it('are refused without a boundary or without headers', () => {
		expect(() => readParts(Buffer.from('nothing'), 'b')).toThrow(MultipartError);
		expect(() => readParts(Buffer.from('--b\r\nno headers'), 'b')).toThrow(MultipartError);
	});
});
