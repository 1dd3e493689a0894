import { type CommandOptions, type CommandResult, mustRun, runCommand } from './run-command.ts';
import { SERVER_KINDS, type ServerId, type Vendor } from './server-software.ts';

/** Where a server is and how it is reached: plain data, fit to cross to the test files. */
export interface ServerAddress {
	readonly id: ServerId;
	readonly version: string;
	/** Where its programs come from, or the variable that named the server. */
	readonly source: string;
	readonly host: string;
	readonly port: number;
	/** Absent when the server was named by a variable. */
	readonly socketPath?: string;
	/** May do everything. */
	readonly user: string;
	readonly password: string;
	/** Standard client and dump program with the options that reach this server. */
	readonly clientCommand: readonly string[];
	readonly dumpCommand: readonly string[];
	/** Absent when the server is not ours. */
	readonly pid?: number;
}

/** A running database server, and the standard tools on it. */
export class TestServer {
	readonly address: ServerAddress;

	constructor(address: ServerAddress) {
		this.address = address;
	}

	get id(): ServerId {
		return this.address.id;
	}

	get vendor(): Vendor {
		return SERVER_KINDS[this.id].vendor;
	}

	/** Runs the standard client (`mariadb` or `mysql`). */
	async client(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
		return await runCommand([...this.address.clientCommand, ...args], options);
	}

	/** Runs SQL with the standard client; it must succeed. Rows come tab-separated, without names. */
	async sql(text: string | Uint8Array, database?: string): Promise<string> {
		const command = [...this.address.clientCommand, '--batch', '--skip-column-names'];
		const args = database === undefined ? [] : [database];
		return (await mustRun([...command, ...args], { stdin: text })).toString();
	}

	/** Runs the standard dump program; it must succeed. */
	async dump(args: readonly string[]): Promise<Buffer> {
		return await mustRun([...this.address.dumpCommand, ...args]);
	}

	async dropDatabase(name: string): Promise<void> {
		await this.sql(`DROP DATABASE IF EXISTS \`${name.replaceAll('`', '``')}\`;`);
	}
}
