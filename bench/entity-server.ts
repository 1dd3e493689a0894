/*
 * A double of the CaosDB server in a process of its own, so that its time is told from that of its clients.
 *
 * fork('bench/entity-server.ts', ['<folder of its files>', '<file of its state, or nothing>'])
 *
 * Sends `{ url }`; answers every message by `{ busyMs }`: how long it was at work, waits for its own disk
 * included.
 */
import { startEmulator } from '../test/emulator/index.ts';

const [folder = '', state] = process.argv.slice(2);
const emulator = await startEmulator({
	folder,
	listPermissions: false,
	...(state === undefined ? {} : { state }),
});
process.on('message', () => {
	process.send?.({ busyMs: emulator.times.atWorkMs });
});
process.on('disconnect', () => process.exit());
process.send?.({ url: emulator.url });
