import type { FaultRule, Faults } from './faults.ts';
import { type Reply, textReply } from './reply.ts';
import type { Times } from './times.ts';

interface Parts {
	readonly faults: Faults;
	readonly times: Times;
}

interface Command {
	readonly method: string;
	readonly url: string;
	readonly body: Buffer | null;
}

const JSON_TYPE = 'application/json';

function parseRule(body: Buffer | null): FaultRule {
	return JSON.parse(body?.toString('utf8') ?? '') as FaultRule;
}

/**
 * What is no part of the protocol: `/_emulator/faults` (GET lists, POST adds a rule in JSON, DELETE
 * removes all) and `/_emulator/times` (GET lists, DELETE begins anew).
 */
export function controlReply({ faults, times }: Parts, { method, url, body }: Command): Reply {
	if (url === '/_emulator/faults' && method === 'POST') {
		try {
			faults.add(parseRule(body));
		} catch {
			return textReply('{"error":"no rule in JSON"}', JSON_TYPE, 400);
		}
	}
	if (url === '/_emulator/faults') {
		if (method === 'DELETE') faults.clear();
		return textReply(JSON.stringify(faults.list()), JSON_TYPE);
	}
	if (url === '/_emulator/times') {
		if (method === 'DELETE') times.clear();
		return textReply(JSON.stringify(times.list()), JSON_TYPE);
	}
	return textReply('{"error":"unknown"}', JSON_TYPE, 404);
}
