import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';

import { EngineError, fileError, systemErrorCode } from '../core/index.ts';

/*
 * One job at a time per folder or file: a lock file made with O_EXCL, which the owner touches while it
 * lives. A process id alone does not tell whether the owner lives (in containers n8n always has the
 * same one), so the lock also names the boot and the start time of the process.
 */

const HEARTBEAT_MS = 5_000;
/** A lock that was not touched for so long has no living owner. Well above the longest pause of a job. */
const STALE_MS = 60_000;

function readOr(path: string, otherwise: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return otherwise;
	}
}

/** Field 22 of /proc/<pid>/stat: clock ticks from boot to the start of the process. */
function startTime(pid: number): string {
	const stat = readOr(`/proc/${pid}/stat`, '');
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function identity(pid: number): string {
	const boot = readOr('/proc/sys/kernel/random/boot_id', 'unknown').trim();
	return [hostname(), boot, pid, startTime(pid)].join(' ');
}

async function ownerLives(path: string): Promise<boolean> {
	try {
		const owner = await readFile(path, 'utf8');
		const { mtimeMs } = await stat(path);
		if (Date.now() - mtimeMs > STALE_MS) return false;
		const [host, boot, pid, start] = owner.split(' ');
		const here = identity(Number(pid)).split(' ');
		// Of an owner on another machine only the heartbeat tells.
		return host !== here[0] || boot !== here[1] || start === here[3];
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return false;
		throw error;
	}
}

export interface Lock {
	/** Removes the lock file. May be called more than once. */
	release(): Promise<void>;
}

async function create(path: string): Promise<Lock> {
	const file = await open(path, 'wx', 0o600);
	await file.writeFile(`${identity(process.pid)} thread-${threadId}\n`);
	await file.close();
	const heartbeat = setInterval(() => {
		const now = new Date();
		// A missed beat is no harm: the lock only goes stale after many of them.
		utimes(path, now, now).catch(() => undefined);
	}, HEARTBEAT_MS);
	heartbeat.unref();
	let released = false;
	return {
		release: async () => {
			if (released) return;
			released = true;
			clearInterval(heartbeat);
			await unlink(path).catch((error: unknown) => {
				if (systemErrorCode(error) !== 'ENOENT') throw error;
			});
		},
	};
}

/** True when nobody alive holds the lock (or there is none). */
export async function isUnlocked(path: string): Promise<boolean> {
	return !(await ownerLives(path));
}

/**
 * Removes a lock without a living owner. Two runs may find the same dead lock: it is moved away first
 * and looked at again, so that neither removes the new lock of the other.
 */
async function removeDead(path: string): Promise<boolean> {
	const dead = await readFile(path, 'utf8').catch(() => '');
	if (!(await isUnlocked(path))) return false;
	const aside = `${path}.${randomBytes(4).toString('hex')}`;
	try {
		await rename(path, aside);
		const isDead = (await readFile(aside, 'utf8')) === dead;
		if (!isDead) await link(aside, path);
		await unlink(aside);
		return isDead;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return true;
		throw error;
	}
}

/**
 * Takes the lock, also from an owner that is dead. Throws `set_busy` while another job holds it;
 * `displayPath` is what the person knows the locked thing by.
 */
export async function acquireLock(path: string, displayPath: string): Promise<Lock> {
	try {
		return await create(path);
	} catch (error) {
		if (systemErrorCode(error) !== 'EEXIST') throw fileError(error, displayPath);
	}
	if (await removeDead(path)) {
		try {
			return await create(path);
		} catch (error) {
			if (systemErrorCode(error) !== 'EEXIST') throw fileError(error, displayPath);
		}
	}
	throw new EngineError('set_busy', `Another run is writing to ${displayPath}`, {
		remedy: 'Wait for it to end. After a crash the lock is free again within a minute.',
		details: { path: displayPath },
	});
}
