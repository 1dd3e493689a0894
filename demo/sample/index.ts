/** Sample data: a CaosDB-like database of a made-up laboratory and the file root that belongs to it. */
export { writeSampleFileRoot, type SampleFile } from './file-root.ts';
export { loadSample, type SampleAccount, type SampleServer } from './load-sample.ts';
