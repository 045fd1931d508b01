import { createHash } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import { AgentSocket } from './AgentSocket';
import type { ServerRecord } from './AgentSocket';
import { LingeringConnections } from './LingeringConnections';
import { ReconnectPolicy } from './reconnectPolicy';
import type { Runtime } from './runtime';

/** An agent, and the servers where it is one. */
export interface AgentAddress {
	agentId: string;
	/** The company that the agent belongs to. */
	accountId: string;
	/** Base URL of the application's services. */
	applicationUrl: string;
	/** As `checkSocketUrl` returns it. */
	socketUrl: string;
}

interface Suspension {
	failure: ProviderError;
	/** Clock time. */
	until: number;
}

/** How long a trigger that has failed for good is not started again, in milliseconds. */
const SUSPENDED_FOR = 15 * 60_000;
/** What is remembered of agents that nobody listens as. */
const MOST_REMEMBERED = 100;

/**
 * What the triggers of one process know of their agents. n8n starts a trigger that has failed again
 * after a second, with nothing that it knew: what has to outlive that stands here.
 */
export class AgentRegistry {
	private readonly sockets = new Map<string, AgentSocket>();

	/** Of agents whose servers were not well when they were last used. */
	private readonly servers = new Map<string, ServerRecord>();

	/** By credential. */
	private readonly suspensions = new Map<string, Suspension>();

	/** The connection of an agent, for all triggers that listen as this agent. */
	socketOf(agent: AgentAddress, runtime: Runtime): AgentSocket {
		const { agentId, accountId, applicationUrl, socketUrl } = agent;
		const key = digestOf(agentId, accountId, applicationUrl, socketUrl);
		const known = this.sockets.get(key);
		if (known !== undefined) return known;
		const { clock, now, random, wait } = runtime;
		const server = this.servers.get(key) ?? {
			policy: new ReconnectPolicy({ clock, random }),
			lingering: new LingeringConnections(),
		};
		const socket = new AgentSocket(
			{ clock, now, random, wait },
			{
				...server,
				url: socketUrl,
				agentId,
				onEnded: () => {
					if (this.sockets.get(key) === socket) this.sockets.delete(key);
					this.remember(key, server);
				},
			},
		);
		this.sockets.set(key, socket);
		this.servers.delete(key);
		return socket;
	}

	/** A trigger has failed in a way that the next start could only repeat. */
	suspend(credential: string, failure: ProviderError, { clock }: Runtime): void {
		keep(this.suspensions, credential, { failure, until: clock() + SUSPENDED_FOR });
	}

	/** Why a trigger with this credential is not to be started; undefined if it may be. */
	suspensionOf(credential: string, { clock }: Runtime): ProviderError | undefined {
		const suspension = this.suspensions.get(credential);
		if (suspension === undefined) return undefined;
		const rest = suspension.until - clock();
		if (rest <= 0) {
			this.suspensions.delete(credential);
			return undefined;
		}
		const { failure } = suspension;
		const minutes = Math.ceil(rest / 60_000);
		return new ProviderError(failure.fullMessage, {
			kind: failure.kind,
			consequence: `It is tried again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} at the earliest, or with 'Execute step' in the editor`,
			description: failure.description,
			httpStatus: failure.httpStatus,
		});
	}

	/** Whether there may be a reason not to start a trigger. */
	get hasSuspensions(): boolean {
		return this.suspensions.size > 0;
	}

	/** It has been seen to work again. */
	lift(credential: string): void {
		this.suspensions.delete(credential);
	}

	/** Keeps of a server what the next connection to it has to know, if there is anything. */
	private remember(key: string, server: ServerRecord): void {
		const { lingering, policy } = server;
		// The connection itself lingers for a moment in any case.
		void lingering.end().then(() => {
			if (policy.isCalm && this.servers.get(key) === server) this.servers.delete(key);
		});
		keep(this.servers, key, server);
	}
}

/** Identifies a credential by what it holds, so that a corrected one counts as another. */
export function credentialKey(credentials: Readonly<Record<string, unknown>>): string {
	const { login, password, baseUrl, socketUrl } = credentials;
	return digestOf(login, baseUrl, socketUrl, `password ${String(password ?? '')}`);
}

/** So that no secret stays in memory for longer than its credential. */
function digestOf(...parts: unknown[]): string {
	const texts = parts.map((part) => String(part ?? '').trim());
	return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

/** Adds an entry as the latest one, and drops the oldest of too many. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
	map.delete(key);
	map.set(key, value);
	const [oldest] = map.keys();
	if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
