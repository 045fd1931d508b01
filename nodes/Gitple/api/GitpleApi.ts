import type { IDataObject } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import type { Request } from '../../shared/http/types';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { messageIn, refusalIn } from './wire';
import type { Collection, ContentPart, HookBody, Language } from './wire';

/** Who gets a message, and in which language Gitple frames it. */
export interface Recipient {
	identifier: string;
	anonymous: boolean;
	language: Language;
}

/** Whatever has an id and a name that may be asked for. */
export type Named = 'categories' | 'sessionTags' | 'userGroups' | 'userTags';

/** Statuses that Gitple answers with for an id that it does not know. */
const UNKNOWN_ID = new Set([400, 404]);

/**
 * Gitple's Open API as plain calls; things are passed on as they come. All calls reject with a
 * `ProviderError`.
 */
export class GitpleApi {
	/** Names are asked for once in an execution, however many sessions bear the same tag. */
	private readonly names = new Map<string, Promise<string>>();

	constructor(
		private readonly request: Request,
		private readonly url: string,
	) {}

	/** Writes to a user into the chat. */
	async sendMessage(to: Recipient, content: ContentPart[]): Promise<JsonValue> {
		return await this.send('message', to, content);
	}

	/** Shows a user a notification. */
	async sendNotification(to: Recipient, content: ContentPart[]): Promise<JsonValue> {
		return await this.send('notification', to, content);
	}

	/** One conversation: its times, its user, who is assigned, its tags and categories by id. */
	async getSession(id: string): Promise<JsonObject> {
		return await this.get('sessions', id);
	}

	/** What was said in a session. */
	async getSessionMessages(id: string): Promise<JsonObject[]> {
		const answer = await this.read(`sessions/${pathPart(id)}/messages`);
		return (Array.isArray(answer) ? answer : [answer]).map(messageIn);
	}

	async getUser(id: string): Promise<JsonObject> {
		return await this.get('users', id);
	}

	async getAgent(id: string): Promise<JsonObject> {
		return await this.get('agents', id);
	}

	async getAgentGroup(id: string): Promise<JsonObject> {
		return await this.get('agentGroups', id);
	}

	async getUserGroup(id: string): Promise<JsonObject> {
		return await this.get('userGroups', id);
	}

	async getUserTag(id: string): Promise<JsonObject> {
		return await this.get('userTags', id);
	}

	async getSessionTag(id: string): Promise<JsonObject> {
		return await this.get('sessionTags', id);
	}

	async getCategory(id: string): Promise<JsonObject> {
		return await this.get('categories', id);
	}

	/**
	 * The names behind ids, in their order. An id that Gitple does not know, because what it meant
	 * was deleted, stands for itself.
	 */
	async namesOf(kind: Named, ids: readonly string[]): Promise<string[]> {
		return await Promise.all(ids.map(async (id) => await this.nameOf(kind, id)));
	}

	private async nameOf(kind: Named, id: string): Promise<string> {
		const key = `${kind}/${id}`;
		const known = this.names.get(key);
		if (known !== undefined) return await known;
		const name = this.get(kind, id).then(
			(thing) => (typeof thing.name === 'string' ? thing.name : id),
			(error: unknown) => {
				if (error instanceof ProviderError && UNKNOWN_ID.has(error.httpStatus ?? 0)) return id;
				throw error;
			},
		);
		this.names.set(key, name);
		return await name;
	}

	private async send(
		type: HookBody['type'],
		{ identifier, anonymous, language }: Recipient,
		content: ContentPart[],
	): Promise<JsonValue> {
		const body: HookBody = { type, identifier, anonymous, lang: language, content };
		const answer = await this.request({
			method: 'POST',
			url: `${this.url}/hooks`,
			body: body as unknown as IDataObject,
			purpose: 'send',
			// What a successful answer looks like is not documented.
			answer: 'unknown',
		});
		return accepted(answer.body, answer.status);
	}

	private async get(collection: Collection, id: string): Promise<JsonObject> {
		const answer = await this.read(`${collection}/${pathPart(id)}`);
		return isJsonObject(answer) ? answer : { value: answer };
	}

	private async read(path: string): Promise<JsonValue> {
		const answer = await this.request({
			method: 'GET',
			url: `${this.url}/exports/${path}`,
			purpose: 'read',
		});
		return accepted(answer.body, answer.status);
	}
}

function accepted(body: JsonValue, status: number): JsonValue {
	const refusal = refusalIn(body);
	if (refusal === undefined) return body;
	throw new ProviderError('Gitple did not accept the request', {
		kind: 'refused',
		description: `Gitple says: ${refusal}`,
		httpStatus: status,
	});
}

/** What would make one id into several parts of an address, or into none. Lone surrogates too. */
const NO_PATH_PART = /[/\\?#%\p{C}]|^\.{1,2}$|^$/u;

/** An id as one part of an address. */
function pathPart(id: string): string {
	if (NO_PATH_PART.test(id)) {
		throw invalidInput(
			'The ID cannot be one of Gitple',
			'It is empty, or holds a slash, a percent sign or another character that would change the address. Nothing was sent.',
		);
	}
	return encodeURIComponent(id);
}
