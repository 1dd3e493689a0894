import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './index.ts';
import { RawClient } from './raw-client.ts';

/** An emulator for the running test and a client that is logged in. */
export async function testEmulator(
	options: Partial<EmulatorOptions> = {},
): Promise<{ readonly emulator: Emulator; readonly client: RawClient }> {
	const folder = await temporaryFolder();
	const emulator = await startEmulator({ folder: join(folder, 'root'), ...options });
	onTestFinished(async () => await emulator.stop());
	return { emulator, client: new RawClient(emulator) };
}
