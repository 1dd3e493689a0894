import { defineConfig } from 'vitest/config';

const SERVERS = './test/servers/global-setup.ts';
const MINUTE_MS = 60_000;

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
