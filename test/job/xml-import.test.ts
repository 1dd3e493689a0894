import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';

import { beforeEach, describe, expect, test } from 'vitest';

import { NO_PROGRESS } from '../../lib/core/index.ts';
import { JOBS, type XmlImportInput, type XmlImportReport } from '../../lib/job/index.ts';
import { emulatorHttp } from '../entity/test-client.ts';
import type { Emulator } from '../emulator/index.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CONTENT = Buffer.from('a;b\n1;2\n'.repeat(50_000));

function sha512(content: Buffer): string {
	return createHash('sha512').update(content).digest('hex');
}

function documentWith(content: Buffer): string {
	return `<Entities>
  <File id="-300" name="raw" path="lab/ü 1.csv" checksum="${sha512(content)}" size="${content.length}">
    <Parent id="-301" name="Raw data"/>
  </File>
  <RecordType id="-301" name="Raw data"/>
  <Record id="-302" name="R"><Parent id="-301"/>
    <Property id="-301" name="Raw data" datatype="FILE" importance="FIX">-300</Property></Record>
</Entities>`;
}

let folder: string;
let emulator: Emulator;

beforeEach(async () => {
	folder = await temporaryFolder();
	({ emulator } = await testEmulator());
});

function put(path: string, content: string | Buffer): void {
	mkdirSync(dirname(join(folder, path)), { recursive: true });
	writeFileSync(join(folder, path), content);
}

/** An export folder as the official tool writes it. */
function exportFolder(name: string, content: Buffer = CONTENT): void {
	put(`${name}/linkahead_data.xml`, documentWith(CONTENT));
	put(`${name}/downloads/lab/ü 1.csv`, content);
}

async function run(
	fileName: string,
	changes: Partial<XmlImportInput> = {},
): Promise<XmlImportReport> {
	const place = { path: folder, displayPath: folder };
	const unused = async (): Promise<never> => await Promise.reject(new Error('not used'));
	const ports = {
		http: emulatorHttp(emulator),
		paths: { blocked: async (paths: readonly string[]) => paths.map(() => false) },
		binary: { read: unused, write: unused },
	};
	return await JOBS.xmlImport(
		{
			source: { kind: 'file', folder: place, fileName },
			pair: { source: 'a', target: 'b' },
			maps: { path: join(folder, 'maps'), displayPath: join(folder, 'maps') },
			...{ isDryRun: false, list: 'all' },
			...changes,
		},
		{ ports, signal: new AbortController().signal, progress: NO_PROGRESS },
	);
}

function stored(): Buffer {
	return readFileSync(join(emulator.folder, 'lab/ü 1.csv'));
}

describe('XML import reads', () => {
	test.each(['tar', 'tar.gz', 'tar.zst'])('a bundle as %s', async (suffix) => {
		exportFolder('bundle');
		const members = ['linkahead_data.xml', 'downloads'];
		execFileSync('tar', ['-cf', 'b.tar', '-C', 'bundle', ...members], { cwd: folder });
		if (suffix === 'tar.gz') execFileSync('gzip', ['b.tar'], { cwd: folder });
		if (suffix === 'tar.zst')
			put('b.tar.zst', zstdCompressSync(readFileSync(join(folder, 'b.tar'))));
		const report = await run(`b.${suffix}`);
		expect(report.summary).toMatch(/^3 entities of .* were imported into b in .*: 3 inserted\.$/);
		expect(stored().equals(CONTENT)).toBe(true);
		const file = emulator.store.atPath('/lab/ü 1.csv');
		expect(report.rows[0]).toMatchObject({ idBefore: '-300', idAfter: file?.id, action: 'insert' });
		expect(file?.parents).toEqual([report.rows[1]?.idAfter]);
		const again = await run(`b.${suffix}`);
		expect(again.counts).toMatchObject({ insert: 0, update: 0, unchanged: 3 });
		expect(readdirSync(join(folder, 'maps'))).toEqual(['a_to_b.journal', 'a_to_b.jsonl']);
	});

	test('the folder and the document of the official tool', async () => {
		exportFolder('export');
		expect((await run('export')).counts.insert).toBe(3);
		expect((await run('export/linkahead_data.xml')).counts.unchanged).toBe(3);
	});

	test('an answer of a server', async () => {
		put(
			'answer.xml',
			'<?xml version="1.0"?><Response count="1"><UserInfo/><RecordType id="120" name="T"/></Response>',
		);
		expect((await run('answer.xml')).rows).toMatchObject([{ idBefore: '120', action: 'insert' }]);
	});
});

describe('XML import refuses', () => {
	test('a content that is not what its checksum says, before anything is changed', async () => {
		exportFolder('export', Buffer.from('other'));
		await expect(run('export')).rejects.toMatchObject({ code: 'entity_file_corrupt' });
		expect(emulator.store.atPath('/lab/ü 1.csv')).toBeUndefined();
	});

	test('a file whose content is missing', async () => {
		put('alone.xml', documentWith(CONTENT));
		await expect(run('alone.xml')).rejects.toMatchObject({
			code: 'import_conflict',
			message: expect.stringContaining("File 'raw' (id -300): its content downloads/lab/ü 1.csv"),
		});
	});

	test('links in a bundle and in a folder', async () => {
		exportFolder('export');
		symlinkSync('/etc', join(folder, 'export/downloads/etc'));
		execFileSync('tar', ['-cf', 'b.tar', '-C', 'export', '.'], { cwd: folder });
		await expect(run('b.tar')).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
		put('export/linkahead_data.xml', '<Entities><File id="-100" path="/etc/passwd"/></Entities>');
		await expect(run('export')).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
	});

	test('names that lead out of the bundle', async () => {
		exportFolder('export');
		const rename = ['--transform', 's,^downloads,../x,', '-P'];
		const members = ['linkahead_data.xml', 'downloads'];
		execFileSync('tar', ['-cf', 'b.tar', ...rename, '-C', 'export', ...members], { cwd: folder });
		await expect(run('b.tar')).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
	});

	test('paths that lead out of the file root', async () => {
		put('e/caosdb_data.xml', '<Entities><File id="-100" path="/../x"/></Entities>');
		await expect(run('e')).rejects.toMatchObject({ code: 'tree_entry_unsafe' });
	});

	test('a bundle without a document, and one that is cut', async () => {
		exportFolder('export');
		execFileSync('tar', ['-cf', 'none.tar', '-C', 'export', 'downloads'], { cwd: folder });
		await expect(run('none.tar')).rejects.toMatchObject({ code: 'artifact_missing' });
		execFileSync('tar', ['-cf', 'whole.tar', '-C', 'export', '.'], { cwd: folder });
		put('cut.tar', readFileSync(join(folder, 'whole.tar')).subarray(0, 200_000));
		await expect(run('cut.tar')).rejects.toMatchObject({ code: 'artifact_truncated' });
	});

	test('a document type', async () => {
		put('d.xml', '<!DOCTYPE x [<!ENTITY e "boom">]><Entities><Record name="&e;"/></Entities>');
		await expect(run('d.xml')).rejects.toMatchObject({ code: 'xml_invalid' });
	});

	test('two servers of one name', async () => {
		exportFolder('export');
		const pair = { source: 'a', target: 'a' };
		await expect(run('export', { pair })).rejects.toMatchObject({ code: 'invalid_option' });
	});
});
