import { spawn } from 'node:child_process';

export interface CommandResult {
	readonly code: number;
	readonly stdout: Buffer;
	readonly stderr: string;
}

export interface CommandOptions {
	readonly cwd?: string;
	readonly env?: NodeJS.ProcessEnv;
	readonly stdin?: string | Uint8Array;
	/** Milliseconds after which the command is killed. */
	readonly deadline?: number;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** Runs a command to its end; a failure is told by `code`, a command that cannot start throws. */
export async function runCommand(
	[command = '', ...args]: readonly string[],
	options: CommandOptions = {},
): Promise<CommandResult> {
	const { cwd, env, deadline } = options;
	const child = spawn(command, args, {
		stdio: 'pipe',
		...(cwd === undefined ? {} : { cwd }),
		...(env === undefined ? {} : { env: { ...process.env, ...env } }),
		...(deadline === undefined ? {} : { timeout: deadline, killSignal: 'SIGKILL' as const }),
	});
	const exited = new Promise<number>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
	});
	// A command that ends without reading its input is judged by its exit code.
	child.stdin.on('error', () => undefined);
	child.stdin.end(options.stdin);
	const [stdout, stderr, code] = await Promise.all([
		collect(child.stdout),
		collect(child.stderr),
		exited,
	]);
	return { code, stdout, stderr: stderr.toString() };
}

/** Runs a command that must succeed. Throws with its last lines of standard error. */
export async function mustRun(
	command: readonly string[],
	options: CommandOptions = {},
): Promise<Buffer> {
	const { code, stdout, stderr } = await runCommand(command, options);
	if (code === 0) return stdout;
	const said = stderr.trim().split('\n').slice(-8).join('\n');
	throw new Error(`${command.slice(0, 6).join(' ')} … ended with ${code}:\n${said}`);
}
