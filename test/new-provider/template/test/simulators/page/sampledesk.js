import { card, empty } from './card.js';
import { html } from './dom.js';
import { numberField, textField, urlField } from './field.js';
import { onSubmit } from './form.js';

/** The customers on the left; what is sent to them in the middle. */
export default function sampleDesk({ control }) {
	const write = onSubmit((values) => control('POST', '/messages', values));
	return {
		facts: ({ apiUrl, apiKey, webhookUrl }) => [
			['API address', apiUrl],
			['API key', apiKey],
			['Events go to', webhookUrl, 'nowhere yet: set the webhook URL'],
		],
		columns: ({ messages }) => [
			card(
				'Customers',
				{},
				html`<form class="fields pad" @submit=${write}>
					${textField('Customer', 'customerId', { required: true })}
					${textField('Message', 'text', { required: true })}
					<button type="submit" class="primary">Send</button>
				</form>`,
			),
			card(
				'Sent to customers',
				{},
				messages.length > 0
					? html`<ul class="pad">
							${messages.map(({ customerId, text }) => html`<li>${customerId}: ${text}</li>`)}
						</ul>`
					: empty('What n8n sends appears here.'),
			),
			'',
		],
		log: {
			kinds: {
				request: { title: 'n8n → SampleDesk', filter: 'request' },
				event: { title: 'SampleDesk → n8n', filter: 'event', again: true },
			},
			filters: { request: 'Requests', event: 'Events' },
			summaryOf: ({ kind, method, path }) => (kind === 'request' ? `${method} ${path}` : 'message'),
		},
		settings: () => ({
			'SampleDesk → n8n': [
				urlField('Webhook URL', 'webhookUrl', 'The production URL of the SampleDesk Trigger node.'),
			],
			Behaviour: [numberField('Every answer takes, ms', 'answerAfter')],
		}),
		footnote: 'Not simulated: everything that the document of SampleDesk does not describe.',
	};
}
