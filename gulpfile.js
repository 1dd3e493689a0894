/*
 * Builds dist/: one engine and one worker bundle, thin node and credential bundles beside them, icons,
 * codex files, type declarations and the third-party notices. Nothing in dist needs anything at run
 * time but Node.js and n8n-workflow, because laboratories install the package behind a firewall.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build as esbuild } from 'esbuild';
import gulp from 'gulp';

const run = promisify(execFile);
const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const shared = {
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node22',
	external: ['n8n-workflow'],
	define: {
		'import.meta.dirname': '__dirname',
		'import.meta.filename': '__filename',
	},
	metafile: true,
	logLevel: 'warning',
	legalComments: 'none',
};

/** Nodes and index.ts import lib/*: all of it lives in dist/engine.js, which stays one module. */
const engineOutside = (outFile) => ({
	name: 'engine-outside',
	setup(build) {
		build.onResolve({ filter: /\/lib\/(.*\/)?index\.ts$/ }, ({ path, importer }) => {
			if (importer.includes(join(root, 'lib'))) return undefined;
			const target = relative(dirname(outFile), join(dist, 'engine.js'));
			return {
				path: target.startsWith('.') ? target : `./${target}`,
				external: true,
				sideEffects: false,
			};
		});
	},
});

/** ssh2 would use these to be faster, and does without; a package for every machine has no native parts. */
const withoutNative = {
	name: 'without-native',
	setup(build) {
		build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({
			path,
			namespace: 'absent',
		}));
		build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
			contents: "throw new Error('not in this bundle');",
			loader: 'js',
		}));
	},
};

const bundled = new Set();

async function bundle(entry, outFile, plugins = []) {
	const result = await esbuild({
		...shared,
		entryPoints: [join(root, entry)],
		outfile: outFile,
		plugins: [withoutNative, ...plugins],
	});
	for (const input of Object.keys(result.metafile.inputs)) {
		const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
		if (found) bundled.add(found[1]);
	}
}

async function clean() {
	await rm(dist, { recursive: true, force: true });
	await mkdir(dist, { recursive: true });
}

async function engine() {
	await bundle('lib/index.ts', join(dist, 'engine.js'));
	await bundle('lib/worker/worker-main.ts', join(dist, 'worker.js'));
	await bundle('lib/tree/sha512-worker.ts', join(dist, 'sha512-worker.js'));
	await bundle('lib/artifact/sha256-worker.ts', join(dist, 'sha256-worker.js'));
	await bundle('index.ts', join(dist, 'index.js'), [engineOutside(join(dist, 'index.js'))]);
	// The package is written as ES modules; n8n loads nodes with require().
	await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
}

async function nodes() {
	for (const outFile of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
		const entry = outFile.replace(/^dist\//, '').replace(/\.js$/, '.ts');
		await bundle(entry, resolve(root, outFile), [engineOutside(resolve(root, outFile))]);
	}
}

/** `encoding: false` keeps pictures byte for byte. */
function assets() {
	return gulp
		.src(['nodes/**/*.{svg,png}', 'nodes/**/*.node.json', 'credentials/**/*.{svg,png}'], {
			base: root,
			cwd: root,
			encoding: false,
		})
		.pipe(gulp.dest(dist));
}

async function declarations() {
	await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root });
}

const LICENCE_FILES = [
	...['LICENSE', 'LICENSE.md', 'License', 'LICENCE'],
	...['LICENSE.txt', 'LICENSE-MIT', 'license'],
];

async function licenceOf(name) {
	const folder = join(root, 'node_modules', name);
	const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const { version, license = about.licenses?.[0]?.type } = about;
	const files = LICENCE_FILES.map((file) => join(folder, file));
	// Some packages forget the text in what they publish: those of their repositories are kept here.
	files.push(join(root, 'scripts/licences', `${name}.txt`));
	for (const file of files) {
		const text = await readFile(file, 'utf8').catch(() => undefined);
		if (text !== undefined) return `${name} ${version} (${license})\n\n${text.trim()}\n`;
	}
	throw new Error(`${basename(folder)} ${version} has no licence file: it cannot be bundled`);
}

async function notices() {
	const texts = await Promise.all([...bundled].sort().map(licenceOf));
	const head = `${manifest.name} contains the following third-party packages.\n`;
	await writeFile(join(root, 'THIRD-PARTY-NOTICES.txt'), [head, ...texts].join('\n---\n\n'));
}

export const build = gulp.series(
	clean,
	engine,
	nodes,
	gulp.parallel(assets, declarations),
	notices,
);
export default build;
