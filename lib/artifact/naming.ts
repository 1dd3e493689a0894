import { EngineError } from '../core/index.ts';

const INSTANCE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const FILE_NAME_MAX_BYTES = 255;

/** UTC time as it stands in the names of sets and files: `20261122T203000Z`. */
export function timestamp(time: Date): string {
	return time
		.toISOString()
		.replace(/\.\d+Z$/, 'Z')
		.replace(/[-:]/g, '');
}

/** A folder name for one server: checked, never altered, so that sets of two servers cannot mix. */
export function checkInstanceName(name: string): string {
	if (INSTANCE.test(name)) return name;
	throw new EngineError('invalid_option', `The instance name '${name}' cannot be a folder name`, {
		remedy: "Use letters, digits, '.', '_' and '-', at most 64, beginning with a letter or digit.",
	});
}

/** An instance name made of a database name; characters that folders cannot carry become `_`. */
export function instanceNameOf(database: string): string {
	const name = database.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
	return INSTANCE.test(name) ? name : 'caosdb';
}

/** What the files of a set begin with otherwise. */
const TAKEN = ['caosdb', 'caosroot', 'entities', 'manifest'];

/** The name of a folder in a set, with which its file begins. Throws `invalid_option`. */
export function checkFolderName(name: string): string {
	if (INSTANCE.test(name) && !TAKEN.includes(name.toLowerCase())) return name;
	throw new EngineError('invalid_option', `A folder in a backup set cannot be called '${name}'`, {
		remedy:
			"Use letters, digits, '.', '_' and '-', at most 64, beginning with a letter or digit, and another name than " +
			`${TAKEN.join(', ')}.`,
	});
}

/** Refuses what is not the plain name of one file. */
export function checkFileName(name: string): string {
	const plain = name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
	if (plain && Buffer.byteLength(name) <= FILE_NAME_MAX_BYTES) return name;
	throw new EngineError('invalid_option', `'${name}' is not a file name`, {
		remedy: 'Give the name of one file, without folders.',
	});
}
