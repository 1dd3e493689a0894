import { configWithoutCloudSupport } from '@n8n/node-cli/eslint';

const AREAS = ['artifact', 'entity', 'job', 'sql', 'standalone', 'tree', 'worker'];

/** Forbids imports by pattern; every ban says why. */
function ban(files, bans) {
	const patterns = bans.map(([regex, message]) => ({ regex, message }));
	return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const NO_N8N = ['^n8n-', 'The engines work without n8n: declare a port in lib/core instead.'];
const NO_NODES = ['(^|/)nodes/', 'Nodes use the engines, never the other way round.'];

/** An area may be reached by its index only, so that what lies behind it can change. */
const ONLY_INDEX = (areas) => [
	`/(core|${areas.join('|')})/(?!index\\.ts$)`,
	"Import an area of lib through its index.ts: what is not exported there is the area's own.",
];

/** sql, tree, artifact and entity know lib/core only. */
function engineArea(area) {
	const others = AREAS.filter((other) => other !== area).join('|');
	return ban(
		[`lib/${area}/**/*.ts`],
		[
			NO_N8N,
			NO_NODES,
			[`^\\.\\./(${others})/`, `lib/${area} knows lib/core only; lib/job joins the engines.`],
			['^\\.\\./core/(?!index\\.ts$)', 'Import lib/core through its index.ts.'],
		],
	);
}

export default [
	{ ignores: ['dist', '.cache', 'gulpfile.js', 'eslint.config.mjs', 'scripts/*.mjs'] },
	...configWithoutCloudSupport,
	{
		files: ['**/*.ts'],
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			// TypeScript itself checks these, with the paths that Node.js sees.
			'import-x/named': 'off',
			'import-x/namespace': 'off',
			'import-x/no-unresolved': 'off',
			'import-x/no-named-as-default': 'off',
			'import-x/no-named-as-default-member': 'off',
			'no-restricted-syntax': [
				'error',
				{
					selector: 'CallExpression[callee.property.name="pipe"]',
					message: 'pipe() loses errors and never settles: use pipeline() of node:stream/promises.',
				},
			],
		},
	},
	{
		// Outside an n8n node there is nothing to wrap an error for: the rule is about node code.
		files: ['lib/**/*.ts', 'test/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts', 'index.ts'],
		rules: { '@n8n/community-nodes/require-node-api-error': 'off' },
	},
	{
		// These start databases, n8n and the standard tools, and talk to a terminal.
		files: ['test/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'],
		rules: { '@n8n/community-nodes/no-dangerous-functions': 'off', 'no-console': 'off' },
	},
	...['sql', 'tree', 'entity', 'artifact', 'standalone'].map(engineArea),
	ban(
		['lib/core/**/*.ts'],
		[NO_N8N, NO_NODES, ['^\\.\\./(?!\\.\\./package\\.json$)', 'lib/core knows no other area.']],
	),
	ban(['lib/job/**/*.ts'], [NO_N8N, NO_NODES, ONLY_INDEX(AREAS)]),
	ban(['lib/worker/**/*.ts', 'lib/index.ts', 'index.ts'], [NO_N8N, NO_NODES, ONLY_INDEX(AREAS)]),
	ban(
		['nodes/**/*.ts', 'credentials/**/*.ts'],
		[
			['^node:(child_process|worker_threads)', 'Jobs are started by lib/worker.'],
			[
				`lib/(core|${AREAS.join('|')})/(?!index\\.ts$)`,
				'Nodes reach an area of lib through its index.ts.',
			],
		],
	),
];
