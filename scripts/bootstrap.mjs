/*
 * Runs a script of this repository on the Node.js version that package.json pins, installing the
 * dependencies first when they are missing or out of date. Runs itself on whatever Node.js the machine
 * has, so it is plain JavaScript without dependencies.
 *
 *   node scripts/bootstrap.mjs <script> [arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-lock');
const pinnedNode = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const lockHash = createHash('sha256')
	.update(readFileSync(join(root, 'package-lock.json')))
	.digest('hex');

function npm(...args) {
	const { status, error } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
	if (status === 0) return;
	console.error(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
	process.exit(1);
}

/*
 * Install scripts stay off: one dependency's script refuses npm, the others build native modules that
 * are not needed. Only the package `node` must run its own, which puts the binary in place; npm 10
 * does not know "allowScripts", so it is asked for by name.
 */
function installDependencies() {
	const installed =
		existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash;
	if (installed) return;
	console.log('Installing the dependencies (about two minutes the first time)');
	npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
	npm('rebuild', 'node', '--ignore-scripts=false', '--loglevel=error');
	if (!existsSync(pinnedNode)) {
		console.error('The package "node" did not put its binary in place; see the messages above.');
		process.exit(1);
	}
	writeFileSync(stamp, lockHash);
}

installDependencies();
const child = spawn(pinnedNode, process.argv.slice(2), {
	cwd: root,
	stdio: 'inherit',
	env: { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH ?? ''}` },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => {
	process.exitCode = code ?? (signal === null ? 1 : 130);
});
