import { JOBS } from '../job/index.ts';
import { serveJobs } from './serve-jobs.ts';

serveJobs(JOBS);
