import { ProviderError } from '../../shared/errors';
import type { Request } from '../../shared/http/types';
import { messageIdIn } from './wire';
import type { MessageBody } from './wire';

/** SampleDesk's API as plain calls. All of them reject with a `ProviderError`. */
export class SampleDeskApi {
	constructor(
		private readonly request: Request,
		private readonly url: string,
	) {}

	/**
	 * Sends a text to a customer.
	 *
	 * @returns the ID of the message
	 */
	async sendMessage(customerId: string, text: string): Promise<string> {
		const body: MessageBody = { to: customerId, text };
		const answer = await this.request({
			method: 'POST',
			url: `${this.url}/messages`,
			body: { ...body },
			purpose: 'send',
			answer: 'json',
		});
		const id = messageIdIn(answer.body);
		if (id === undefined) {
			throw new ProviderError('SampleDesk did not confirm the message', {
				kind: 'unreadable',
				consequence: 'The message may have been delivered: do not send it again',
				description: 'The answer has no ID.',
				httpStatus: answer.status,
			});
		}
		return id;
	}
}
