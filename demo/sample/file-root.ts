import { createHash } from 'node:crypto';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { Random } from './random.ts';

/** A row of the table `files`. */
export interface SampleFile {
	/** Relative, as CaosDB stores it. */
	readonly path: string;
	readonly size: number;
	/** SHA-512, raw. For a link, of its target. */
	readonly hash: Buffer;
}

const UPLOADS = 240;
const LINKS = 60;
const LABS = ['Biophysik', 'Elektrophysiologie', 'Optische Messungen'] as const;

function csv(random: Random): Buffer {
	const lines = Array.from({ length: 40 + random.below(600) }, (_line, index) =>
		[index * 0.01, random.next() * 4 - 2, random.next()].map((value) => value.toFixed(6)).join(';'),
	);
	return Buffer.from(`Zeit [s];Spannung [mV];Strom [µA]\n${lines.join('\n')}\n`);
}

function content(random: Random, name: string): Buffer {
	if (name.endsWith('.csv')) return csv(random);
	if (name.endsWith('.md'))
		return Buffer.from(`# Protokoll ${name}\n\nTemperatur 37 °C, pH 7,4.\n`);
	return Buffer.concat([
		Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
		random.bytes(500 + random.below(9000)),
	]);
}

function describe(path: string, bytes: Buffer): SampleFile {
	return { path, size: bytes.length, hash: createHash('sha512').update(bytes).digest() };
}

async function put(path: string, bytes: Buffer, index: number): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, bytes);
	// Old files, one a day, with fractions of seconds as real ones have.
	const time = 1_600_000_000 + index * 86_400 + 0.123456;
	await utimes(path, time, time);
}

/** Uploads as the server files them, and documents in folders that people named. */
function uploadPath(random: Random, index: number): string {
	const name = `Messung ${String(index).padStart(3, '0')}${random.pick(['.csv', '.npy', '.md'])}`;
	if (index % 2 === 0)
		return `uploaded.by/PAM/${random.pick(['lea', 'jürgen', 'aylin'])}/${random.uuid()}/${name}`;
	return `${random.pick(LABS)}/2026-0${1 + random.below(9)}/${name}`;
}

/**
 * Writes a file root of 240 files, with blanks and umlauts in names and an empty folder, and 60 absolute
 * symbolic links into `externalRoot`, as CaosDB's InsertFilesInDir makes them.
 */
export async function writeSampleFileRoot(
	root: string,
	externalRoot: string,
): Promise<SampleFile[]> {
	const random = new Random(5);
	const files: SampleFile[] = [];
	await mkdir(join(root, 'DropOffBox leer'), { recursive: true });
	for (let index = 0; index < UPLOADS; index++) {
		const path = uploadPath(random, index);
		const bytes = content(random, path);
		await put(join(root, path), bytes, index);
		files.push(describe(path, bytes));
	}
	for (let index = 0; index < LINKS; index++) {
		const path = `Archiv Öffentlich/${String(index % 6)}/scan_${String(index).padStart(2, '0')}.npy`;
		const bytes = content(random, path);
		await put(join(externalRoot, path), bytes, index);
		await mkdir(dirname(join(root, path)), { recursive: true });
		await symlink(join(externalRoot, path), join(root, path));
		files.push(describe(path, bytes));
	}
	return files;
}
