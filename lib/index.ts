/** The engines' main-thread face: dist/engine.js. The engines themselves run in dist/worker.js. */
export * from './artifact/index.ts';
export * from './core/index.ts';
export * from './entity/index.ts';
export * from './standalone/index.ts';
export * from './worker/index.ts';
