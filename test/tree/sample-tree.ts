import {
	chmodSync,
	linkSync,
	lutimesSync,
	mkdirSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A tree with one of everything that a file root may hold. */
export function makeSampleTree(root: string): void {
	const path = (name: string): string => join(root, name);
	for (const folder of ['empty', 'with blank/ümläute', 'private', 'deep/'.repeat(40)]) {
		mkdirSync(path(folder), { recursive: true });
	}
	writeFileSync(path('empty.txt'), '');
	writeFileSync(path('512.bin'), Buffer.alloc(512, 1));
	writeFileSync(path('513.bin'), Buffer.alloc(513, 2));
	writeFileSync(path('large.bin'), Buffer.alloc(3_000_001, 'large'));
	writeFileSync(path('with blank/ümläute/Ω measurement.csv'), 'a;b\n1;2\n');
	writeFileSync(path(`${'deep/'.repeat(40)}file`), 'deep');
	writeFileSync(path('n'.repeat(255)), 'long name');
	writeFileSync(
		Buffer.concat([Buffer.from(root), Buffer.from('/latin1-\xe4\xff.txt', 'latin1')]),
		'bytes',
	);
	writeFileSync(
		Buffer.concat([Buffer.from(root), Buffer.from(`/${'\xe4'.repeat(200)}`, 'latin1')]),
		'many bytes',
	);
	linkSync(path('513.bin'), path('second name'));
	linkSync(path('513.bin'), path(`third name ${'x'.repeat(120)}`));
	symlinkSync('/mnt/external data/0', path('absolute'));
	symlinkSync('../outside', path('empty/relative'));
	symlinkSync('512.bin', path('inside'));
	symlinkSync(`/far/${'away/'.repeat(60)}end`, path('long target'));
	symlinkSync(Buffer.from('/mnt/\xe4', 'latin1'), path('target of bytes'));
	writeFileSync(path('private/set-id'), 'x');
	chmodSync(path('private/set-id'), 0o4750);
	chmodSync(path('private'), 0o1700);
	chmodSync(path('512.bin'), 0o444);
	utimesSync(path('513.bin'), 1e9, 1234567890.123456);
	utimesSync(path('empty.txt'), new Date(-86_400_000), new Date(-86_400_000));
	lutimesSync(path('absolute'), 1e9, 1.5e9);
	utimesSync(path('empty'), 1e9, 1.4e9);
}
