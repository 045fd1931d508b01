import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import { LiftyApi } from '../../../../credentials/LiftyApi.credentials';
import { Lifty } from '../../../../nodes/Lifty/Lifty.node';
import { callWebhook, type WebhookRequest } from '../../../support';

/** The page of a waiting execution, as n8n calls it once the signature of the link is checked. */

const question = { resource: 'message', operation: 'sendAndWait', message: 'Refund order 12?' };
const double = { approvalOptions: { values: { approvalType: 'double' } } };
const form = (...values: IDataObject[]) => ({
	responseType: 'customForm',
	formFields: { values },
});

const call = async (parameters: IDataObject, request: WebhookRequest) =>
	await callWebhook({
		node: Lifty,
		credentialTypes: [LiftyApi],
		credentials: { liftyApi: { apiKey: 'demo-lifty-key' } },
		parameters: { ...question, ...parameters } as never,
		request,
	});

const open = async (parameters: IDataObject) => await call(parameters, { method: 'GET' });

/** Posts fields the way a browser does: as multipart, with the same name for several values. */
async function post(parameters: IDataObject, fields: Record<string, string>) {
	const body = new FormData();
	for (const [name, value] of Object.entries(fields)) body.append(name, value);
	const encoded = new Response(body);
	return await call(parameters, {
		headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
		rawBody: Buffer.from(await encoded.arrayBuffer()),
	});
}

// Answers that arrive together count once, and all calls here are of one execution.
let clock = 1_000_000;
beforeEach(() => jest.spyOn(performance, 'now').mockImplementation(() => (clock += 60_000)));
afterEach(() => jest.restoreAllMocks());

describe('opening the link', () => {
	it('decides nothing, and shows the message with the buttons', async () => {
		const { response, workflowData } = await open(double);
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(200);
		expect(response.text).toContain('Refund order 12?');
		expect(response.text).toContain('<button name="decision" value="approve">Approve</button>');
		expect(response.text).toContain('value="decline" class="second">Decline</button>');
	});

	it('offers one button only where only approving is possible', async () => {
		const { response } = await open({});
		expect(response.text.match(/<button/g)).toHaveLength(1);
	});

	it('is not stored, not indexed, loads nothing, runs no script and tells its address to nobody', async () => {
		const { response } = await open({});
		expect(response.headers).toMatchObject({
			'cache-control': 'no-store',
			'referrer-policy': 'no-referrer',
			'x-content-type-options': 'nosniff',
			'x-robots-tag': 'noindex, nofollow, noarchive',
		});
		expect(response.headers['content-security-policy']).toMatch(
			/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
		);
		expect(response.text).not.toContain('<script');
		expect(response.text).toContain('<meta name="viewport"');
	});

	it('has a style that its own policy allows', async () => {
		const { response } = await open({});
		const style = /<style>([^<]*)<\/style>/.exec(response.text)?.[1] ?? '';
		const hash = createHash('sha256').update(style).digest('base64');
		expect(response.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
	});

	it.each([
		['en', 'en', 'Approve', 'Decline'],
		['pt', 'pt-BR', 'Aprovar', 'Recusar'],
		['ko', 'ko', '승인', '거절'],
	])('is in the language %s', async (pageLanguage, lang, approve, decline) => {
		const { response } = await open({ ...double, options: { pageLanguage } });
		expect(response.text).toContain(`<html lang="${lang}">`);
		expect(response.text).toContain(`>${approve}</button>`);
		expect(response.text).toContain(`>${decline}</button>`);
	});

	it('shows whatever stands in a parameter as text', async () => {
		const evil = '"\'><script>alert(1)</script>&amp;';
		const escaped = '&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;';
		for (const parameters of [
			{ message: evil },
			{ options: { responseFormTitle: evil } },
			{ options: { responseFormDescription: evil } },
			{ approvalOptions: { values: { approveLabel: evil } } },
			form({ fieldLabel: evil }),
			form({ fieldLabel: 'A', placeholder: evil }),
			form({ fieldLabel: 'A', fieldType: 'textarea', defaultValue: evil }),
			form({
				fieldLabel: 'A',
				fieldType: 'dropdown',
				fieldOptions: { values: [{ option: evil }] },
			}),
		]) {
			const { text } = (await open(parameters)).response;
			expect(text).toContain(escaped);
			expect(text).not.toContain('<script');
		}
	});
});

describe('an approval', () => {
	it.each([
		['approve', true],
		['decline', false],
	])('of "%s" is %s in the output', async (decision, approved) => {
		const { response, workflowData } = await post(double, { decision });
		expect(workflowData).toEqual([
			[{ json: { data: { approved, respondedAt: expect.any(String) as string } } }],
		]);
		expect(response.status).toBe(200);
		expect(response.text).toContain('Your answer was recorded');
		expect(response.headers['cache-control']).toBe('no-store');
	});

	it('ends with the text of the option', async () => {
		const options = { confirmationText: 'Thanks, <b>Ana</b>' };
		const { response } = await post({ options }, { decision: 'approve' });
		expect(response.text).toContain('Thanks, &lt;b&gt;Ana&lt;/b&gt;');
	});

	it.each([
		['a button that the page does not have', {}, { decision: 'decline' }],
		['no button', double, {}],
		['an unknown decision', double, { decision: 'true' }],
		['an unknown field', double, { decision: 'approve', approved: 'true' }],
	])('with %s counts for nothing', async (_name, parameters, fields) => {
		const { response, workflowData } = await post(parameters, fields);
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(422);
		expect(response.text).toContain('Nothing was sent');
	});

	it('with two buttons at once counts for nothing', async () => {
		const { response, workflowData } = await call(double, {
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			rawBody: 'decision=decline&decision=approve',
		});
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(422);
	});

	it('is taken as a plain form, too', async () => {
		const { workflowData } = await call(double, {
			headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
			rawBody: 'decision=approve',
		});
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ data: { approved: true } });
	});

	it.each([
		['application/json', '{"decision":"approve"}'],
		['text/plain', 'decision=approve'],
		['application/xml', '<decision>approve</decision>'],
		['application/octet-stream', 'decision=approve'],
		['', 'decision=approve'],
	])('is taken from no other kind of request: %s', async (type, rawBody) => {
		const { response, workflowData } = await call(double, {
			headers: type === '' ? {} : { 'content-type': type },
			rawBody,
		});
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(415);
	});

	it('counts once if two arrive together', async () => {
		jest.spyOn(performance, 'now').mockReturnValue((clock += 60_000));
		const [first, second] = [
			await post(double, { decision: 'approve' }),
			await post(double, { decision: 'decline' }),
		];
		expect(first.workflowData).toBeDefined();
		expect(second.workflowData).toBeUndefined();
		expect(second.response.status).toBe(409);
		expect(second.response.text).toContain('Already answered');
	});
});

describe('a free text', () => {
	const freeText = { responseType: 'freeText' };

	it('is the text in the output', async () => {
		const { workflowData } = await post(freeText, { 'field-0': 'Sim,\r\npode enviar' });
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ data: { text: 'Sim,\npode enviar' } });
	});

	it.each([
		['nothing', ' \n', 'Please fill in this field.'],
		['too much', 'x'.repeat(20_001), 'at most 20,000 characters'],
	])('of %s is asked for again', async (_name, text, sentence) => {
		const { response, workflowData } = await post(freeText, { 'field-0': text });
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(422);
		expect(response.text).toContain(sentence);
	});
});

describe('a form', () => {
	const choice = (fieldType: string, more: IDataObject = {}) => ({
		fieldLabel: 'Why',
		fieldType,
		fieldOptions: { values: [{ option: 'Price' }, { option: 'Delivery' }] },
		...more,
	});

	it.each<[string, IDataObject, string, unknown]>([
		['text', { fieldLabel: 'Why' }, ' Late ', 'Late'],
		['textarea', { fieldLabel: 'Why', fieldType: 'textarea' }, 'a\r\nb', 'a\nb'],
		['number', { fieldLabel: 'Why', fieldType: 'number' }, '12.5', 12.5],
		['no number', { fieldLabel: 'Why', fieldType: 'number' }, '', null],
		['email', { fieldLabel: 'Why', fieldType: 'email' }, 'ana@example.test', 'ana@example.test'],
		['date', { fieldLabel: 'Why', fieldType: 'date' }, '2026-02-28', '2026-02-28'],
		['dropdown', choice('dropdown'), 'Price', 'Price'],
		['dropdown of several', choice('dropdown', { multiselect: true }), 'Price', ['Price']],
		['checkbox', choice('checkbox'), 'Delivery', ['Delivery']],
		['radio', choice('radio'), 'Delivery', 'Delivery'],
	])('yields a %s under its label', async (_name, field, typed, value) => {
		const { workflowData } = await post(form(field), { 'field-0': typed });
		expect(workflowData?.[0]?.[0]?.json.data).toEqual({
			Why: value,
			respondedAt: expect.any(String) as string,
		});
	});

	it('takes several options where that is possible, and only there', async () => {
		const several = async (fieldType: string) =>
			await call(form(choice(fieldType)), {
				headers: { 'content-type': 'application/x-www-form-urlencoded' },
				rawBody: 'field-0=Price&field-0=Delivery&field-0=Price',
			});
		const { workflowData } = await several('checkbox');
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ data: { Why: ['Price', 'Delivery'] } });
		expect((await several('dropdown')).workflowData).toBeUndefined();
	});

	it.each<[string, IDataObject, string]>([
		['1,5', { fieldType: 'number' }, 'Please enter a number'],
		['NaN', { fieldType: 'number' }, 'Please enter a number'],
		['ana', { fieldType: 'email' }, 'Please enter an email address'],
		['a@b@c', { fieldType: 'email' }, 'Please enter an email address'],
		['2026-02-30', { fieldType: 'date' }, 'Please enter a date'],
		['30.01.2026', { fieldType: 'date' }, 'Please enter a date'],
		['Other', choice('dropdown'), 'Please choose from the list.'],
		['Other', choice('checkbox'), 'Please choose from the list.'],
		['', choice('checkbox', { requiredField: true }), 'Please fill in this field.'],
	])('with "%s" in a field is shown again, with a sentence', async (typed, field, sentence) => {
		const fields = form({ fieldLabel: 'Why', ...field }, { fieldLabel: 'Name' });
		const { response, workflowData } = await post(fields, {
			'field-0': typed,
			'field-1': 'Ana & "Zé"',
		});
		expect(workflowData).toBeUndefined();
		expect(response.status).toBe(422);
		expect(response.text).toContain(sentence);
		expect(response.text).toContain('aria-invalid="true"');
		expect(response.text).toContain('value="Ana &amp; &quot;Zé&quot;"');
	});

	it('takes its fields from JSON as well', async () => {
		const json = {
			responseType: 'customForm',
			defineForm: 'json',
			jsonOutput: '[{"fieldLabel":"Age","fieldType":"number","requiredField":true}]',
		};
		const { workflowData } = await post(json, { 'field-0': '42' });
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ data: { Age: 42 } });
	});

	it('says that it cannot be shown where its definition no longer holds', async () => {
		const { response, workflowData, thrown } = await open(form());
		expect([thrown, workflowData]).toEqual([undefined, undefined]);
		expect(response.status).toBe(500);
		expect(response.text).toContain('cannot be shown');
	});
});
