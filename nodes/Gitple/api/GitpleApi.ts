import { invalidInput, ProviderError } from '../../shared/errors';
import { refusedInBody } from '../../shared/http/failures';
import type { Request } from '../../shared/http/types';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { messageIn, refusalIn } from './wire';
import type { Collection, ContentPart, HookBody, Language } from './wire';

/** Who gets a message, and the language of the text that Gitple adds. */
export interface Recipient {
	identifier: string;
	anonymous: boolean;
	language: Language;
}

/** What has an id and a name that can be looked up. */
export type Named = 'categories' | 'sessionTags' | 'userGroups' | 'userTags';

/** Gitple's statuses for an unknown id. */
const UNKNOWN_ID = new Set([400, 404]);

/**
 * Gitple's Open API as plain calls; objects are passed on unchanged. All calls reject with a
 * `ProviderError`.
 */
export class GitpleApi {
	/** Each name is looked up once per execution, however many sessions have the same tag. */
	private readonly names = new Map<string, Promise<string>>();

	constructor(
		private readonly request: Request,
		private readonly url: string,
	) {}

	/** Sends a message to a user in the chat. */
	async sendMessage(to: Recipient, content: ContentPart[]): Promise<JsonValue> {
		return await this.send('message', to, content);
	}

	/** Shows a user a notification. */
	async sendNotification(to: Recipient, content: ContentPart[]): Promise<JsonValue> {
		return await this.send('notification', to, content);
	}

	/** One conversation: times, user, assignee, and the ids of its tags and categories. */
	async getSession(id: string): Promise<JsonObject> {
		return await this.get('sessions', id);
	}

	/** The messages of a session. */
	async getSessionMessages(id: string): Promise<JsonObject[]> {
		const answer = await this.read(`sessions/${pathSegment(id)}/messages`);
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
	 * The names behind ids, in the same order. An id that Gitple does not know, for example because it
	 * was deleted, is returned as it is.
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
			body: { ...body },
			purpose: 'send',
			// What a successful answer looks like is not documented.
			answer: 'unknown',
		});
		return accepted(answer.body, answer.status);
	}

	private async get(collection: Collection, id: string): Promise<JsonObject> {
		const answer = await this.read(`${collection}/${pathSegment(id)}`);
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
	throw refusedInBody('Gitple', refusal, status);
}

/** Characters that would change the path of the URL; lone surrogates too. */
const NOT_IN_SEGMENT = /[/\\?#%\p{C}]|^\.{1,2}$|^$/u;

/**
 * An id that can be a segment of the URL's path.
 *
 * @throws ProviderError (`invalid`) for any other
 */
export function gitpleId(id: string, label: string): string {
	if (!NOT_IN_SEGMENT.test(id)) return id;
	throw invalidInput(
		`'${label}' is not a Gitple ID`,
		'It is empty or contains a slash, a percent sign or another character that would change the URL.',
	);
}

function pathSegment(id: string): string {
	return encodeURIComponent(gitpleId(id, 'ID'));
}
