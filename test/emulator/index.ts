/*
 * A double of the CaosDB (LinkAhead) server's HTTP interface, proven by the official Python client. What
 * it does and where that is known from: docs/caosdb-protocol.md.
 *
 *   const emulator = await startEmulator({ folder });   … emulator.url …   await emulator.stop();
 */
export { ADMIN, type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';
export type { EntityStore } from './entity-store.ts';
export { FAULT_KINDS, type Fault, type FaultRule, Faults } from './faults.ts';
export type { IdKind } from './ids.ts';
export type { AppliedProperty, Datatype, Entity, Role, StoredFile, Value } from './model.ts';
export type { SavedState } from './saved-state.ts';
export type { KindTime, Times } from './times.ts';
