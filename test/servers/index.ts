/*
 * Real database servers for tests, demo and benches.
 *
 * In a test (projects integration, engine, e2e):   const [server] = servers('mariadb11')
 * Elsewhere:                                        const { server, stop } = await startPrivateServer('mariadb11')
 *
 * A server comes from an environment variable (CAOSDB_TEST_MARIADB11, CAOSDB_TEST_MARIADB10,
 * CAOSDB_TEST_MYSQL9: any reachable one), else from PATH, else from Debian's packages, unpacked into a
 * cache folder without root.
 */
export { cacheFolder } from './cache-folder.ts';
export { bundledProgram, debianFolder, libraryPath } from './debian-packages.ts';
export { type DebianTool, debianTool } from './debian-tool.ts';
export { freePort } from './free-port.ts';
export { madeOnce } from './made-once.ts';
export { pipDownload } from './pip.ts';
export { type PrivateServer, startPrivateServer } from './private-server.ts';
export { type CommandResult, mustRun, runCommand } from './run-command.ts';
export { SERVER_IDS, SERVER_KINDS, type ServerId, type Vendor } from './server-software.ts';
export { servers } from './servers.ts';
export { type ServerAddress, TestServer } from './test-server.ts';
export { contentDifferences, databaseContent, type DatabaseContent } from './database-content.ts';
export { unpackedPython } from './unpacked-python.ts';
