import { mustRun, runCommand } from './run-command.ts';
import { unpackedPython } from './unpacked-python.ts';

/** A Python that has pip: the machine's, else Debian's, unpacked into the cache. */
async function pythonWithPip(): Promise<string> {
	const works = await runCommand(['python3', '-m', 'pip', '--version']).then(
		({ code }) => code === 0,
		() => false,
	);
	return works ? 'python3' : await unpackedPython();
}

/** Downloads one package, without those it depends on, into a folder. */
export async function pipDownload(requirement: string, folder: string): Promise<void> {
	const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
	const command = [await pythonWithPip(), '-m', 'pip', 'download', ...options];
	await mustRun([...command, '--dest', folder, requirement]);
}
