import { createHash } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import { isJsonObject, parseJson } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { field, isYes, textOf } from './wire/fields';

/** The two services that take the password, which the credential adds. */
export const LOGIN_SERVICE = '/login.php';
export const NEW_LOGIN_SERVICE = '/alterarSenha.php';

/** What a login tells about the agent, without the secrets that Voxfree sends along. */
export interface Session {
	agentId: string;
	accountId: string;
	photoUrl?: string;
	/** Voxfree wants the agent to choose a new password. */
	mustChangePassword: boolean;
	twoFactorAuthentication: boolean;
	telephony: boolean;
	callCenter?: boolean;
	omnichannel?: boolean;
	/** The telephone extension, without its password. */
	extension?: JsonObject;
	/** ISO 8601. */
	loggedInAt: string;
}

/** Voxfree takes passwords as the MD5 of their UTF-8 bytes, in lower-case hex. */
export function md5(text: string): string {
	return createHash('md5').update(text, 'utf8').digest('hex');
}

/**
 * Reads the answer to a login. The two-factor code and the password of the telephone extension,
 * which are in it, are left behind here.
 *
 * @throws ProviderError where the answer names no agent
 */
export function sessionIn(body: JsonValue, now: Date): Session {
	const answer = isJsonObject(body) ? body : {};
	const agentId = textOf(field(answer, 'id_agente'));
	const accountId = textOf(field(answer, 'codid_cliente'));
	if (agentId === undefined || accountId === undefined) {
		throw new ProviderError('Voxfree answered the login without the ID of the agent', {
			kind: 'unreadable',
			description:
				"Check 'Application URL' in the credential: another service may be answering there.",
		});
	}
	const known = (name: string) => {
		const value = field(answer, name);
		return value === undefined || value === null ? undefined : isYes(value);
	};
	const extension = field(answer, 'dadosRamal');
	return {
		agentId,
		accountId,
		photoUrl: textOf(field(answer, 'foto_perfil')),
		mustChangePassword: isYes(field(answer, 'alterar_senha')),
		twoFactorAuthentication: isYes(field(answer, 'autenticacao2fatores')),
		telephony: isYes(field(answer, 'telefonia')),
		callCenter: known('callcenter'),
		omnichannel: known('omnichannel'),
		extension: isJsonObject(extension) ? extensionIn(extension) : undefined,
		loggedInAt: now.toISOString(),
	};
}

/** Named one by one, so that no secret slips through under a name that the document lacks. */
function extensionIn(entry: JsonObject): JsonObject {
	const names = { ramal: 'number', username: 'username', domain: 'domain', transport: 'transport' };
	return Object.fromEntries(
		Object.entries(names).flatMap(([theirs, ours]) => {
			const value = textOf(field(entry, theirs));
			return value === undefined ? [] : [[ours, value]];
		}),
	);
}

/** How a refusal is remembered: after so many of them, for so long, no login is tried any more. */
const MOST_REFUSALS = 3;
const QUIET = 15 * 60 * 1000;

/** Words may name ids, so there can be any number of them. */
const MOST_HELPLESS = 100;

interface Login {
	session?: Session;
	/** A login that is under way, which all who need one wait for. */
	pending?: Promise<Session>;
	refusals: number;
	/** When the last refusal came, in milliseconds of the epoch. */
	refusedAt: number;
	lastRefusal?: ProviderError;
	/** Services and words of refusals that a new session did not help against, and when. */
	helpless: Map<string, number>;
}

/** What this process knows of each login, by {@link keyOf}. */
const logins = new Map<string, Login>();

/**
 * Whose session it is. A credential that has been edited to stand for another agent must not go on
 * with the session of the first.
 */
function ownerOf({ login, baseUrl }: ICredentialDataDecryptedObject): string {
	return [login, baseUrl].map((part) => String(part ?? '').trim()).join(' ');
}

/** What this process knows a login by; another password deserves another try. Never stored. */
function keyOf(credentials: ICredentialDataDecryptedObject): string {
	const parts = [ownerOf(credentials), String(credentials.password ?? '')];
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The text that n8n stores with the credential. */
function storedForm(owner: string, session: Session): string {
	return JSON.stringify({ owner, session });
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

/**
 * One credential's session. All that need one share it: the items and executions of this process
 * through memory, other workers and the time after a restart through n8n, which stores it with the
 * credential.
 */
export class SessionKeeper {
	private readonly owner: string;

	private readonly key: string;

	/** A session that n8n has not stored yet. */
	private unsaved?: Session;

	/**
	 * @param credentials of which `session` is what n8n has stored, if anything
	 * @param login asks Voxfree for a session; rejects with `refused` where the password is wrong
	 * @param now the clock
	 */
	constructor(
		private readonly credentials: ICredentialDataDecryptedObject,
		private readonly login: () => Promise<Session>,
		private readonly now: () => number = Date.now,
	) {
		this.owner = ownerOf(credentials);
		this.key = keyOf(credentials);
	}

	/** The session, after a login if there is none. */
	async current(): Promise<Session> {
		const known = this.known();
		return known ?? (await this.begin());
	}

	/** A session in place of one that Voxfree does not know any more. */
	async renew(stale: Session): Promise<Session> {
		const known = this.known();
		// Somebody else may have renewed it meanwhile.
		if (known !== undefined && known.loggedInAt !== stale.loggedInAt) return known;
		return await this.begin();
	}

	/**
	 * Notes that a new session was refused by the same service with the same words, so that they are
	 * about something else: another agent who was named, say. For a while they are no reason to log in.
	 */
	wasNoHelpAgainst(service: string, words: string): void {
		const helpless = logins.get(this.key)?.helpless;
		if (helpless === undefined) return;
		if (helpless.size >= MOST_HELPLESS) helpless.clear();
		helpless.set(`${service} ${words}`, this.now());
	}

	/** Whether a new session may help against a refusal by this service with these words. */
	mayHelpAgainst(service: string, words: string): boolean {
		const at = logins.get(this.key)?.helpless.get(`${service} ${words}`);
		return at === undefined || this.now() - at >= QUIET;
	}

	/**
	 * Fields of the credential for the next request, by which n8n comes to store a new session. They
	 * are given out once.
	 */
	toStore(): { session: string; newSession: string } | undefined {
		const session = this.unsaved;
		if (session === undefined) return undefined;
		this.unsaved = undefined;
		return { session: '', newSession: storedForm(this.owner, session) };
	}

	private known(): Session | undefined {
		const inMemory = logins.get(this.key)?.session;
		const stored = readStored(this.credentials.session, this.owner);
		if (inMemory === undefined) return stored;
		// A session that another worker has begun later is the better one.
		if (stored !== undefined && stored.loggedInAt > inMemory.loggedInAt) return stored;
		return inMemory;
	}

	private async begin(): Promise<Session> {
		let login = logins.get(this.key);
		if (login === undefined) {
			login = { refusals: 0, refusedAt: 0, helpless: new Map() };
			logins.set(this.key, login);
		}
		const { pending } = login;
		if (pending !== undefined) {
			// Whoever began it was stopped, which is no reason to stop the others.
			const wasStopped = await pending.then(() => false, isCancelled);
			return wasStopped ? await this.begin() : await pending;
		}
		if (login.refusals >= MOST_REFUSALS && this.now() - login.refusedAt < QUIET) {
			throw stillRefused(login.lastRefusal);
		}
		login.pending = this.logIn(login);
		try {
			return await login.pending;
		} finally {
			login.pending = undefined;
		}
	}

	private async logIn(login: Login): Promise<Session> {
		const session = await this.login().catch((error: unknown) => {
			if (error instanceof ProviderError && error.kind === 'refused') {
				if (this.now() - login.refusedAt >= QUIET) login.refusals = 0;
				login.refusals++;
				login.refusedAt = this.now();
				login.lastRefusal = error;
			}
			throw error;
		});
		login.session = session;
		login.refusals = 0;
		this.unsaved = session;
		return session;
	}
}

function isCancelled(error: unknown): boolean {
	return error instanceof ProviderError && error.kind === 'cancelled';
}

function stillRefused(last: ProviderError | undefined): ProviderError {
	return new ProviderError('Voxfree has refused the login three times, so it is not tried again', {
		kind: 'refused',
		description: [
			last?.description,
			'Correct login or password in the credential. With the same ones, the next try is in 15 minutes.',
		]
			.filter(Boolean)
			.join(' '),
		httpStatus: last?.httpStatus,
	});
}

/** Forgets what this process knows of logins, as a restart does. For tests. */
export function forgetSessions(): void {
	logins.clear();
}
