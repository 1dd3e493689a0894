/** The engines without n8n. */
export * from './lib/index.ts';
