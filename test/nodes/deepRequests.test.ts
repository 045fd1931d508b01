import { GitpleApi } from '../../credentials/GitpleApi.credentials';
import { OmnizeApi } from '../../credentials/OmnizeApi.credentials';
import { SimplesDeskApi } from '../../credentials/SimplesDeskApi.credentials';
import { GitpleTrigger } from '../../nodes/Gitple/GitpleTrigger.node';
import { OmnizeTrigger } from '../../nodes/Omnize/OmnizeTrigger.node';
import { SimplesDeskTrigger } from '../../nodes/SimplesDesk/SimplesDeskTrigger.node';
import { callWebhook, type WebhookOptions } from '../support';
import { signed } from './Gitple/signing';

const SECRET = 'demo-webhook-secret-0123';

const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

const triggers = {
	Gitple: (rawBody: string): WebhookOptions => ({
		node: GitpleTrigger,
		credentialTypes: [GitpleApi],
		credentials: { gitpleApi: { webhookSecret: SECRET } },
		request: { rawBody, headers: { 'x-hub-signature': signed(rawBody, SECRET) } },
	}),
	Omnize: (rawBody: string): WebhookOptions => ({
		node: OmnizeTrigger,
		credentialTypes: [OmnizeApi],
		request: { rawBody },
	}),
	SimplesDesk: (rawBody: string): WebhookOptions => ({
		node: SimplesDeskTrigger,
		credentialTypes: [SimplesDeskApi],
		request: { rawBody },
	}),
};

let count = 0;
/** Every call comes to a node of its own, so that none is a repetition. */
const call = async (trigger: keyof typeof triggers, rawBody: string, type: string) => {
	const { request, ...options } = triggers[trigger](rawBody);
	return await callWebhook({
		...options,
		nodeId: `node-${++count}`,
		request: { ...request, headers: { ...request.headers, 'content-type': type } },
	});
};

const events = {
	Gitple: (inner: string) => `{"type":"session_state_open","extra":${inner}}`,
	Omnize: (inner: string) => `{"message":"hi","clientId":"12","extra":${inner}}`,
	SimplesDesk: (inner: string) =>
		`{"id":"1","clientId":"72","origin":"SCHEDULED_MESSAGE","data":${inner},"contact":{"uid":"1","type":"WHATSAPP","key":"5511900000000"}}`,
};

const cases = (['Gitple', 'Omnize', 'SimplesDesk'] as const).flatMap((trigger) =>
	['application/json', 'text/plain'].map((type) => [trigger, type] as const),
);

describe.each(cases)('an event of %s, sent as %s', (trigger, type) => {
	it.each([500, 1_400, 100_000])(
		'is refused with a sentence if %d levels stand in one of its fields',
		async (levels) => {
			for (const inner of [lists(levels), objects(levels)]) {
				const { response, thrown, workflowData, logs } = await call(
					trigger,
					events[trigger](inner),
					type,
				);
				expect([thrown, workflowData]).toEqual([undefined, undefined]);
				expect(response.status).toBe(400);
				expect(response.text).toContain(
					'The body of the request was refused: JSON with more than 500 levels of lists and objects cannot be stored.',
				);
				expect(logs).toMatchObject([{ level: 'warn' }]);
			}
		},
	);

	it('is passed on with 499 levels, which n8n can store', async () => {
		const inner = lists(499);
		const { workflowData } = await call(trigger, events[trigger](inner), type);
		const json = JSON.stringify(structuredClone(workflowData?.[0]?.[0]?.json));
		expect(json).toContain(inner);
	});

	it('is passed on with many brackets in a text', async () => {
		const { workflowData } = await call(trigger, events[trigger](`"${lists(3_000)}"`), type);
		expect(JSON.stringify(workflowData)).toContain(lists(3_000));
	});
});
