import { defineConfig } from 'vitest/config';

const SERVERS = './test/servers/global-setup.ts';
const MINUTE_MS = 60_000;
/**
 * Real servers, networks and browsers on a machine that may be busy: a test that fails is tried once more.
 * A defect fails twice; the report names what needed it.
 */
const RETRIES = 1;

/** Integration, engine and e2e tests share the databases and two processor cores: one file at a time. */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.ts'],
					exclude: ['test/**/*.integration.test.ts', 'test/{servers,fixtures,engine,e2e}/**'],
					testTimeout: MINUTE_MS,
				},
			},
			{
				test: {
					name: 'integration',
					retry: RETRIES,
					include: [
						'test/**/*.integration.test.ts',
						'test/{servers,fixtures}/**/*.test.ts',
						'{demo,bench}/**/*.test.ts',
					],
					exclude: ['test/{engine,e2e,emulator}/**'],
					globalSetup: SERVERS,
					testTimeout: 5 * MINUTE_MS,
					hookTimeout: 5 * MINUTE_MS,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: 'emulator',
					retry: RETRIES,
					include: ['test/emulator/**/*.integration.test.ts'],
					globalSetup: './test/emulator/global-setup.ts',
					testTimeout: 2 * MINUTE_MS,
					hookTimeout: 5 * MINUTE_MS,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: 'engine',
					retry: RETRIES,
					include: ['test/engine/**/*.test.ts'],
					globalSetup: SERVERS,
					testTimeout: 3 * MINUTE_MS,
					hookTimeout: 3 * MINUTE_MS,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: 'e2e',
					retry: RETRIES,
					include: ['test/e2e/**/*.test.ts'],
					globalSetup: SERVERS,
					testTimeout: 10 * MINUTE_MS,
					hookTimeout: 20 * MINUTE_MS,
					fileParallelism: false,
				},
			},
		],
	},
});
