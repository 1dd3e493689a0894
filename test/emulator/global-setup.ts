import { demoScripts } from '../fixtures/demo-scripts.ts';
import { pythonClient } from './python-client.ts';

/** Fetches what the tests of the emulator need, outside of any test's time limit. */
export async function setup(): Promise<void> {
	await pythonClient();
	await demoScripts();
}
