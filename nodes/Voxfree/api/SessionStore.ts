import { createHash } from 'node:crypto';
import { isCancelled } from '../../shared/cancellation';
import { ProviderError } from '../../shared/errors';
import { isJsonObject, parseJson } from '../../shared/json';
import type { Session } from './login';

/** The fields of a credential that a session depends on, as n8n hands them over. */
export interface SessionCredential {
	readonly login?: unknown;
	readonly password?: unknown;
	readonly baseUrl?: unknown;
	/** What n8n has stored of an earlier session. */
	readonly session?: unknown;
}

/** After this many refused logins in a row, no login is tried for a while. */
const MAX_REFUSALS = 3;

/** How long a refusal is remembered, in milliseconds. */
const COOLDOWN = 15 * 60 * 1000;

/** A refusal may quote IDs, so its words have no natural limit. */
const MAX_USELESS_RELOGINS = 100;

/** How often one service may cast doubt on the session, in milliseconds. */
const DOUBT_INTERVAL = 60 * 1000;

/** Voxfree does not accept login and password. */
export class RefusedLogin extends ProviderError {}

/** What this process knows of one login. */
interface LoginState {
	session?: Session;
	/** A login in progress, shared by everyone who needs one. */
	pending?: Promise<Session>;
	refusals: number;
	/** When the last login was refused, in milliseconds of the epoch. */
	refusedAt: number;
	lastRefusal?: ProviderError;
	/** Refusals that a new session did not cure, by service and words, and when that was found. */
	uselessRelogins: Map<string, number>;
	/** When a session is to be replaced before the next call, the time at which it began. */
	distrusted?: string;
	/** When a service last cast doubt on the session. */
	doubts: Map<string, number>;
}

/**
 * The sessions of all credentials that this process has used. One store serves the whole process:
 * items, executions and triggers share their logins through it.
 */
export class SessionStore {
	private readonly logins = new Map<string, LoginState>();

	/** @param now the clock, in milliseconds of the epoch */
	constructor(readonly now: () => number = Date.now) {}

	/** What is known of a login, empty at first. */
	stateOf(key: string): LoginState {
		let state = this.logins.get(key);
		if (state === undefined) {
			state = { refusals: 0, refusedAt: 0, uselessRelogins: new Map(), doubts: new Map() };
			this.logins.set(key, state);
		}
		return state;
	}
}

/**
 * The session of one credential. Executions of this process share it through the store; other
 * workers, and this one after a restart, through n8n, which stores it with the credential.
 */
export class CredentialSession {
	private readonly owner: string;

	private readonly state: LoginState;

	/** A session that n8n has not stored yet. */
	private unsaved?: Session;

	/**
	 * @param credential `session` is what n8n has stored, if anything
	 * @param login asks Voxfree for a session; rejects with `refused` if the password is wrong
	 */
	constructor(
		private readonly store: SessionStore,
		private readonly credential: SessionCredential,
		private readonly login: () => Promise<Session>,
	) {
		this.owner = ownerOf(credential);
		this.state = store.stateOf(keyOf(credential));
	}

	/** The session, after a login if there is none yet. */
	async current(): Promise<Session> {
		const known = this.known();
		if (known !== undefined && known.loggedInAt !== this.state.distrusted) return known;
		return await this.begin();
	}

	/** A new session in place of one that Voxfree no longer knows. */
	async renew(stale: Session): Promise<Session> {
		const known = this.known();
		// Another item or worker may have renewed it already.
		if (known !== undefined && known.loggedInAt !== stale.loggedInAt) return known;
		return await this.begin();
	}

	/**
	 * Has the session replaced before the next call, because a service refused one in words that may be
	 * about the session. At most once a minute for a service: most of such words are about something else.
	 */
	distrust(service: string, stale: Session): void {
		const { doubts } = this.state;
		const last = doubts.get(service);
		const now = this.store.now();
		if (last !== undefined && now - last < DOUBT_INTERVAL) return;
		doubts.set(service, now);
		this.state.distrusted = stale.loggedInAt;
	}

	/**
	 * Remembers that a service refused a new session with the same words. The words are then about
	 * something else, such as another agent in the request, and no reason to log in again soon.
	 */
	markReloginUseless(service: string, words: string): void {
		const { uselessRelogins } = this.state;
		if (uselessRelogins.size >= MAX_USELESS_RELOGINS) uselessRelogins.clear();
		uselessRelogins.set(`${service} ${words}`, this.store.now());
	}

	/** Whether a new session may cure a refusal by this service with these words. */
	shouldRelogin(service: string, words: string): boolean {
		const at = this.state.uselessRelogins.get(`${service} ${words}`);
		return at === undefined || this.store.now() - at >= COOLDOWN;
	}

	/**
	 * Credential fields for the next request that make n8n store a new session. Returned once;
	 * undefined if there is nothing to store.
	 */
	takeUnsaved(): { session: string; newSession: string } | undefined {
		const session = this.unsaved;
		if (session === undefined) return undefined;
		this.unsaved = undefined;
		return { session: '', newSession: JSON.stringify({ owner: this.owner, session }) };
	}

	private known(): Session | undefined {
		const inMemory = this.state.session;
		const stored = readStored(this.credential.session, this.owner);
		if (inMemory === undefined) return stored;
		// Another worker may have logged in later than this one.
		return stored !== undefined && stored.loggedInAt > inMemory.loggedInAt ? stored : inMemory;
	}

	private async begin(): Promise<Session> {
		const { state } = this;
		const { pending } = state;
		if (pending !== undefined) {
			// The execution that began the login may be stopped; the others still need a session.
			const wasStopped = await pending.then(() => false, isCancelled);
			return wasStopped ? await this.begin() : await pending;
		}
		if (state.refusals >= MAX_REFUSALS && this.store.now() - state.refusedAt < COOLDOWN) {
			throw loginSuspended(state.lastRefusal);
		}
		state.pending = this.logIn();
		try {
			return await state.pending;
		} finally {
			state.pending = undefined;
		}
	}

	private async logIn(): Promise<Session> {
		const { state, store } = this;
		const session = await this.login().catch((error: unknown) => {
			if (error instanceof ProviderError && error.kind === 'refused') {
				if (store.now() - state.refusedAt >= COOLDOWN) state.refusals = 0;
				state.refusals++;
				state.refusedAt = store.now();
				state.lastRefusal = error;
				throw new RefusedLogin(error.message, error);
			}
			throw error;
		});
		state.session = session;
		state.distrusted = undefined;
		state.refusals = 0;
		this.unsaved = session;
		return session;
	}
}

/**
 * Whose session it is. After an edit of the credential, the session of the former agent must not be
 * used any more.
 */
function ownerOf({ login, baseUrl }: SessionCredential): string {
	return [login, baseUrl].map((part) => String(part ?? '').trim()).join(' ');
}

/** Identifies a login in memory. A new password is worth another try, so it counts. Never stored. */
function keyOf(credential: SessionCredential): string {
	const parts = [ownerOf(credential), String(credential.password ?? '')];
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function readStored(text: unknown, owner: string): Session | undefined {
	if (typeof text !== 'string' || text === '') return undefined;
	try {
		const stored = parseJson(text);
		if (!isJsonObject(stored) || stored.owner !== owner || !isJsonObject(stored.session)) {
			return undefined;
		}
		const { agentId, accountId } = stored.session;
		const complete = typeof agentId === 'string' && typeof accountId === 'string';
		return complete ? (stored.session as unknown as Session) : undefined;
	} catch {
		return undefined;
	}
}

function loginSuspended(last: ProviderError | undefined): RefusedLogin {
	return new RefusedLogin('Voxfree refused the login three times, so it is not tried again', {
		kind: 'refused',
		reason: last?.reason,
		description:
			'Correct login or password in the credential. With the same ones, the next attempt is possible in 15 minutes.',
		httpStatus: last?.httpStatus,
	});
}
