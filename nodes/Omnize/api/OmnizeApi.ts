import { refusedInBody } from '../../shared/http/failures';
import type { ProviderRequest, Request } from '../../shared/http/types';
import type { JsonObject, JsonValue } from '../../shared/json';
import { readList, UnreadableList } from '../../shared/lists';
import { refusalInBody } from '../../shared/refusals';
import { DEPARTMENT } from './wire';
import type { InfoBody, MessageBody } from './wire';

/** A conversation is identified by the customer's id in the caller's own system and the department. */
export interface Conversation {
	clientId: string;
	departmentId: string;
}

/** What an agent sees of the customer. Values are sent as they are given. */
export interface Customer {
	name?: string;
	email?: string;
	phone?: string;
	cpf?: string;
}

/** The request for departments needs a client, but is not about a conversation. */
const ANY_CLIENT = '1';

/**
 * Omnize's ClientApi as plain calls. Answers are passed on unchanged, because the document shows none
 * of them. All calls reject with a `ProviderError`.
 */
export class OmnizeApi {
	constructor(
		private readonly request: Request,
		private readonly url: string,
	) {}

	/**
	 * The departments of the account.
	 *
	 * @throws UnreadableList if the answer is neither a list nor says that there is none
	 */
	async getDepartments(): Promise<JsonObject[]> {
		const body: InfoBody = { type: 'info', content: 'departments', clientId: ANY_CLIENT };
		const answer = await this.call(body, 'read');
		const outcome = readList(answer, DEPARTMENT);
		if (outcome.kind === 'unreadable') throw new UnreadableList('Omnize', answer);
		return outcome.kind === 'records' ? outcome.records : [];
	}

	/** Asks for an agent, who answers through the webhook. */
	async startInteraction(
		{ clientId, departmentId }: Conversation,
		customer: Customer,
		botId?: string,
	): Promise<JsonValue> {
		return await this.call({
			type: 'info',
			content: 'init',
			departmentId,
			clientId,
			customerName: customer.name,
			customerEmail: customer.email,
			customerPhone: customer.phone,
			customerCpf: customer.cpf,
			botId,
		});
	}

	/** Sends a message of the customer to the agent. */
	async sendMessage({ clientId, departmentId }: Conversation, text: string): Promise<JsonValue> {
		return await this.call({ type: 'message', departmentId, content: text, clientId }, 'send');
	}

	/** Shows the agent that the customer is typing. */
	async startTyping({ clientId, departmentId }: Conversation): Promise<JsonValue> {
		return await this.call({ type: 'info', content: 'typing', departmentId, clientId });
	}

	/** Shows the agent that the customer has stopped typing. */
	async stopTyping({ clientId, departmentId }: Conversation): Promise<JsonValue> {
		return await this.call({ type: 'info', content: 'cleared', departmentId, clientId });
	}

	/** Ends the conversation on the customer's side. */
	async finishInteraction({ clientId, departmentId }: Conversation): Promise<JsonValue> {
		return await this.call({ type: 'info', content: 'finish', departmentId, clientId });
	}

	private async call(
		body: InfoBody | MessageBody,
		purpose: ProviderRequest['purpose'] = 'change',
	): Promise<JsonValue> {
		const answer = await this.request({
			method: 'POST',
			url: this.url,
			body: omitEmpty(body),
			purpose,
			answer: 'unknown',
		});
		// The document shows no answers. In those of its successor, `status` says how a request went.
		const refusal = refusalInBody(answer.body, true);
		if (refusal !== undefined) throw refusedInBody('Omnize', refusal, answer.status);
		return answer.body;
	}
}

/** A body without its empty fields. */
function omitEmpty(body: object): JsonObject {
	return Object.fromEntries(
		Object.entries(body).filter(([, value]) => value !== undefined && value !== ''),
	) as JsonObject;
}
