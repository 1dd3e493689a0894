import { type Entry, pax, tar } from './hand-made-tar.ts';

/*
 * Published advisories about programs that extract tars, each with an archive that does what it
 * describes. docs/tree.md prints the list.
 */

/** What becomes of such an archive: the code that it is refused with, or it is harmless. */
export type Outcome =
	| 'artifact_corrupt'
	| 'artifact_truncated'
	| 'limit_exceeded'
	| 'tree_entry_unsafe'
	| 'tree_entry_unsupported'
	| 'restored';

export interface Advisory {
	readonly id: string;
	readonly program: string;
	readonly attack: string;
	readonly outcome: Outcome;
	/** `outside` is a folder with the file `secret`, which must stay as it is. */
	readonly archive: (outside: string) => Buffer;
}

const ROOT: Entry = { name: './', type: '5' };
const file = (name: string, body = 'planted'): Entry => ({ name, body });
const folder = (name: string): Entry => ({ name, type: '5' });
const link = (name: string, target: string): Entry => ({ name, type: '2', link: target });
const hard = (name: string, target: string): Entry => ({ name, type: '1', link: target });
const extended = (body: string): Entry => ({ name: 'pax', type: 'x', body });
const made =
	(...entries: readonly Entry[]) =>
	(): Buffer =>
		tar([ROOT, ...entries]);
const madeFor =
	(entries: (outside: string) => readonly Entry[]) =>
	(outside: string): Buffer =>
		tar([ROOT, ...entries(outside)]);

const NFC = '\xc3\xa9';
const NFD = 'e\xcc\x81';
/** Twelve bytes to the base of 256: minus 512. */
const NEGATIVE = Buffer.concat([Buffer.alloc(10, 0xff), Buffer.from([0xfe, 0x00])]);

const NODE_TAR: readonly Omit<Advisory, 'program'>[] = [
	{
		id: 'CVE-2018-20834',
		attack: 'a hard link to a file outside, then a file of that name',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [hard('./x', `${outside}/secret`), file('./x')]),
	},
	{
		id: 'CVE-2021-32803',
		attack: 'a folder, a link of that name, a file in it',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [folder('./x/'), link('./x', outside), file('./x/secret')]),
	},
	{
		id: 'CVE-2021-32804',
		attack: 'an absolute name with many slashes',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [file(`////${outside}/secret`)]),
	},
	{
		id: 'CVE-2021-37701',
		attack: 'a folder and a link that differ in slash and backslash, a file in it',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [
			folder('./a\\b/'),
			link('./a/b', outside),
			file('./a/b/secret'),
		]),
	},
	{
		id: 'CVE-2021-37712',
		attack: 'a folder and a link whose names are one in Unicode, a file in it',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [
			folder(`./${NFC}/`),
			link(`./${NFD}`, outside),
			file(`./${NFD}/secret`),
		]),
	},
	{
		id: 'CVE-2021-37713',
		attack: 'a name that begins at a drive and climbs',
		outcome: 'tree_entry_unsafe',
		archive: made(file('C:../../secret')),
	},
	{
		id: 'CVE-2024-28863',
		attack: 'folders in folders, deeper than any path',
		outcome: 'tree_entry_unsafe',
		archive: made(extended(pax({ path: `./${'d/'.repeat(60_000)}` })), folder('./d/')),
	},
	{
		id: 'CVE-2026-23745',
		attack: 'an absolute hard link, and a file through an absolute link',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [
			link('./out', outside),
			file('./out/secret'),
			hard('./x', `${outside}/secret`),
		]),
	},
	{
		id: 'CVE-2026-23950',
		attack: 'names that some file systems merge (ß and ss), one a link, a file in the other',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [
			link('./stra\xc3\x9fe', outside),
			file('./strasse/secret'),
			file('./stra\xc3\x9fe/secret'),
		]),
	},
	{
		id: 'CVE-2026-24842',
		attack: 'a hard link that climbs, as seen from the root or from its own folder',
		outcome: 'tree_entry_unsafe',
		archive: made(folder('./a/b/c/'), hard('./a/b/c/x', '../../../secret')),
	},
	{
		id: 'CVE-2026-26960',
		attack: 'a hard link to a file outside through links in the archive',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [
			link('./a/up', '..'),
			link('./a/escape', `up/../${'../'.repeat(12)}${outside.slice(1)}`),
			hard('./x', './a/escape/secret'),
		]),
	},
	{
		id: 'CVE-2026-29786',
		attack: 'a hard link that begins at a drive and climbs',
		outcome: 'tree_entry_unsafe',
		archive: made(hard('./x', 'C:../../secret')),
	},
	{
		id: 'CVE-2026-31802',
		attack: 'a link that begins at a drive and climbs, a file of that name',
		outcome: 'tree_entry_unsafe',
		archive: made(link('./x', 'C:../../secret'), file('./x')),
	},
];

const GNU_TAR: readonly Omit<Advisory, 'program'>[] = [
	{
		id: 'CVE-2006-0300',
		attack: 'pax records longer than their header',
		outcome: 'artifact_corrupt',
		archive: made(extended('9999 path=x\n'), file('./x')),
	},
	{
		id: 'CVE-2006-6097',
		attack: 'a record of type N that makes links',
		outcome: 'tree_entry_unsupported',
		archive: made({ name: '././@MaNgLeD', type: 'N', body: 'Symlink /tmp to x\n' }, file('x/y')),
	},
	{
		id: 'CVE-2007-4131',
		attack: "a name with '..' in its middle",
		outcome: 'tree_entry_unsafe',
		archive: made(file('./a/../../secret')),
	},
	{
		id: 'CVE-2007-4476',
		attack: "a name of a megabyte of '../'",
		outcome: 'tree_entry_unsafe',
		archive: made({ name: 'x', type: 'L', body: '../'.repeat(340_000) }, file('./x')),
	},
	{
		id: 'CVE-2016-6321',
		attack: "a name whose part after '..' is what an administrator extracts",
		outcome: 'tree_entry_unsafe',
		archive: made(file('etc/motd/../etc/shadow')),
	},
	{
		id: 'CVE-2019-9923',
		attack: 'a sparse file whose records are half there',
		outcome: 'artifact_corrupt',
		archive: made(extended(pax({ 'GNU.sparse.map': '0,1' })), file('./x', 'x')),
	},
	{
		id: 'CVE-2022-48303',
		attack: 'a v7 header with nothing but blanks as its time',
		outcome: 'restored',
		archive: made({ ...file('./x'), timeField: ' '.repeat(12), magic: '' }),
	},
	{
		id: 'CVE-2023-39804',
		attack: 'the name of an attribute that is a megabyte long',
		outcome: 'limit_exceeded',
		archive: made(
			extended(pax({ [`SCHILY.xattr.user.${'x'.repeat(1_100_000)}`]: 'x' })),
			file('./x'),
		),
	},
];

const LIBARCHIVE: readonly Omit<Advisory, 'program'>[] = [
	{
		id: 'CVE-2016-5418',
		attack: 'a hard link with content of its own',
		outcome: 'artifact_corrupt',
		archive: madeFor((outside) => [
			file('./x'),
			{ ...hard('./y', './x'), body: `planted in ${outside}`, size: 7 },
		]),
	},
	{
		id: 'CVE-2021-31566',
		attack: 'a folder whose late change of mode meets a link',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [folder('./x/'), link('./x', outside)]),
	},
	{
		id: 'CVE-2024-57970',
		attack: 'an archive that ends within a long link name',
		outcome: 'artifact_truncated',
		archive: () => tar([ROOT, { name: 'x', type: 'K', body: 'x', size: 4000 }], false),
	},
	{
		id: 'CVE-2025-25724',
		attack: 'a time beyond all calendars',
		outcome: 'artifact_corrupt',
		archive: made(extended(pax({ mtime: '9'.repeat(30) })), file('./x')),
	},
];

const OTHERS: readonly Advisory[] = [
	{
		id: 'CVE-2019-20907',
		program: 'Python',
		attack: 'a pax record of length 0',
		outcome: 'artifact_corrupt',
		archive: made(extended('0 path=x\n'), file('./x')),
	},
	{
		id: 'CVE-2025-8194',
		program: 'Python',
		attack: 'a negative size, which leads back',
		outcome: 'artifact_corrupt',
		archive: made({ ...file('./x', ''), sizeField: NEGATIVE }),
	},
	{
		id: 'CVE-2025-4517',
		program: 'Python',
		attack: 'a chain of links longer than a path, and a file through it',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => {
			const name = 'd'.repeat(80);
			const steps = [...Array(16).keys()].map((step) => `./${`${name}/`.repeat(step)}`);
			const chain = steps.flatMap((at, step) => [
				folder(`${at}${name}/`),
				link(`./l${step}`, step === 0 ? name : `l${step - 1}/${name}`),
			]);
			return [
				...chain.map((entry) => (entry.name.length > 100 ? folder('./d/') : entry)),
				link('./escape', `l15/${'../'.repeat(16)}..${outside}`),
				file('./escape/secret'),
			];
		}),
	},
	{
		id: 'CVE-2022-2879',
		program: 'Go',
		attack: 'a pax header of a gigabyte',
		outcome: 'limit_exceeded',
		archive: () => tar([ROOT, { ...extended(''), size: 2 ** 30 }], false),
	},
	{
		id: 'CVE-2025-58183',
		program: 'Go',
		attack: 'a map of a sparse file that claims a billion pieces',
		outcome: 'artifact_corrupt',
		archive: made(
			extended(
				pax({
					'GNU.sparse.major': '1',
					'GNU.sparse.minor': '0',
					'GNU.sparse.name': './x',
					'GNU.sparse.realsize': '1',
				}),
			),
			file('./x', '1000000000\n'.padEnd(512, '\0')),
		),
	},
	{
		id: 'CVE-2025-62518',
		program: 'tokio-tar',
		attack: 'a pax size that hides members in content, or the other way round',
		outcome: 'artifact_corrupt',
		archive: made(extended(pax({ size: '700' })), file('./x', 'x'), file('./y')),
	},
	{
		id: 'CVE-2024-12905',
		program: 'tar-fs',
		attack: 'a link to the folder above, and a file through it',
		outcome: 'tree_entry_unsafe',
		archive: madeFor((outside) => [link('./x', `../${outside}`), file('./x/secret')]),
	},
];

const of =
	(program: string) =>
	(advisory: Omit<Advisory, 'program'>): Advisory => ({ ...advisory, program });

export const ADVISORIES: readonly Advisory[] = [
	...NODE_TAR.map(of('node-tar')),
	...GNU_TAR.map(of('GNU tar')),
	...LIBARCHIVE.map(of('libarchive (bsdtar)')),
	...OTHERS,
];
