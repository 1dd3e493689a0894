export * from './run-in-worker.ts';
export * from './run-job.ts';
