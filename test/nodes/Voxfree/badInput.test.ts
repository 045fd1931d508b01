import { runNode } from '../../support';
import login from '../../fixtures/voxfree/request-login.json';
import { byId, PASSWORD, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const recorder = useRecorder();

const run = async (parameters: object, item: object = {}) =>
	await runNode(setupOf(storeWith(recorder.url), parameters, { items: [item as never] }));
const details = { channelId: '25', contactId: '30' };
const sendText = (changes: object) => ({
	resource: 'message',
	operation: 'sendText',
	protocol: byId('20231130303159'),
	text: 'x',
	details,
	...changes,
});
const transfer = (changes: object) => ({
	resource: 'conversation',
	operation: 'transfer',
	protocol: byId('20231130303159'),
	newAgentId: byId('60'),
	details,
	...changes,
});

describe('an expression that yields something wrong', () => {
	it.each([
		['no text', sendText({ text: '={{ "" }}' }), "'Text' is empty"],
		['blanks for text', sendText({ text: '={{ "  " }}' }), "'Text' is empty"],
		[
			'a rounded number for text',
			sendText({ text: '={{ 2 ** 53 }}' }),
			"'Text' is a number that JavaScript has rounded",
		],
		['an object for text', sendText({ text: '={{ ({ a: 1 }) }}' }), "'Text' needs text"],
		['null for text', sendText({ text: '={{ null }}' }), "'Text' needs text"],
		['no conversation', sendText({ protocol: byId('={{ "" }}') }), "'Conversation' is empty"],
		[
			'a list for a conversation',
			sendText({ protocol: byId('={{ [1] }}') }),
			"'Conversation' needs text",
		],
		[
			'a rounded ID',
			sendText({ protocol: byId('={{ 202311303422841002 }}') }),
			"'Conversation' is a number that JavaScript has rounded",
		],
		[
			'an ID with a path',
			sendText({ protocol: byId('={{ "../1" }}') }),
			"'Conversation' is not an ID",
		],
		[
			'an ID with a query',
			sendText({ protocol: byId('={{ "1?x=2" }}') }),
			"'Conversation' is not an ID",
		],
		[
			'an ID with a line',
			sendText({ protocol: byId('={{ "1\\n2" }}') }),
			"'Conversation' is not an ID",
		],
		['dots for an ID', sendText({ protocol: byId('={{ ".." }}') }), "'Conversation' is not an ID"],
		[
			'a channel with a path',
			sendText({ details: { ...details, channelId: '={{ "25/../26" }}' } }),
			"'Conversation Details > Channel ID' is not an ID",
		],
		[
			'a quoted message with a path',
			sendText({ options: { replyToMessageId: '={{ "a b" }}' } }),
			"'Options > Reply to Message ID' is not an ID",
		],
		[
			'a text for a flag',
			sendText({ details: { ...details, isGroup: '={{ "yes" }}' } }),
			"'Conversation Details > Is Group' needs true or false",
		],
		[
			'an unknown choice for the window',
			sendText({ outsideWindow: '={{ "maybe" }}' }),
			"'Outside the 24-Hour Window' is set to 'maybe'",
		],
		[
			'no agent for a transfer',
			transfer({ newAgentId: byId('={{ "" }}') }),
			"'New Agent' is empty",
		],
		['agent 0 for a transfer', transfer({ newAgentId: byId('={{ "0" }}') }), "'New Agent' is 0"],
		[
			'no department for a transfer that finishes',
			transfer({ operation: 'transferAndFinish', departmentId: byId('={{ "" }}') }),
			"'Department' is empty",
		],
		[
			'a wrap-up code with a path',
			transfer({ operation: 'finish', wrapUpCodeId: byId('={{ "22/1" }}') }),
			"'Wrap-Up Code' is not an ID",
		],
		[
			'letters for a telephone number',
			{ resource: 'contact', operation: 'create', name: 'x', number: '={{ "call me" }}' },
			"'Phone Number' is not a phone number",
		],
		[
			'a list for additional fields',
			{
				resource: 'quickReply',
				operation: 'create',
				text: 'x',
				options: { additionalFields: '={{ [1] }}' },
			},
			"'Options > Additional Fields (JSON)' is not an object",
		],
		[
			'an object inside additional fields',
			{
				resource: 'quickReply',
				operation: 'create',
				text: 'x',
				options: { additionalFields: '={{ ({ a: { b: 1 } }) }}' },
			},
			"'Options > Additional Fields (JSON)' holds a value under 'a'",
		],
		[
			'an operation that does not exist',
			{ resource: 'message', operation: 'shout' },
			"The operation 'message: shout' does not exist",
		],
	])(
		'(%s) is refused with a sentence that names the field, and nothing is sent',
		async (...given) => {
			const [, parameters, message] = given;
			const { error } = await run(parameters);
			expect(error?.message).toContain(message);
			expect(recorder.requests).toEqual([]);
		},
	);

	it('stops all items before the first is sent', async () => {
		const { error } = await runNode(
			setupOf(storeWith(recorder.url), sendText({ text: '={{ $json.text }}' }), {
				items: [{ text: 'fine' }, { text: '' }],
			}),
		);
		expect(error?.message).toBe("'Text' is empty");
		expect(error?.description).toContain('Nothing was sent.');
		expect(recorder.requests).toEqual([]);
	});

	const contact = { resource: 'contact', operation: 'create', name: 'x', email: '' };
	const quickReply = { resource: 'quickReply', operation: 'create', text: 'x' };
	it.each<[string, object, unknown, unknown]>([
		['an ID', sendText({ protocol: byId('={{ $json.v }}') }), '1', '1/2'],
		[
			'an ID in a collection',
			sendText({ details: { ...details, channelId: '={{ $json.v }}' } }),
			'25',
			'2 5',
		],
		['an agent', transfer({ newAgentId: byId('={{ $json.v }}') }), '60', '0'],
		['a phone number', { ...contact, number: '={{ $json.v }}' }, '5519999999999', 'call me'],
		['JSON', { ...quickReply, options: { additionalFields: '={{ $json.v }}' } }, '{}', '{'],
		[
			'the values in JSON',
			{ ...quickReply, options: { additionalFields: '={{ $json.v }}' } },
			'{}',
			'{"a":[]}',
		],
		[
			'a template',
			sendText({ outsideWindow: 'template', templateId: byId('={{ $json.v }}') }),
			'80',
			'',
		],
		[
			'a password',
			{ resource: 'agent', operation: 'changePassword', newPassword: '={{ $json.v }}' },
			'demo-new',
			'demo-new ',
		],
	])(
		'stops all items before the first is sent when the last one has %s that is wrong',
		async (...row) => {
			const [, parameters, right, wrong] = row;
			const { error } = await runNode(
				setupOf(storeWith(recorder.url), parameters, {
					items: [{ v: right }, { v: right }, { v: wrong }] as never,
				}),
			);
			expect(error).toMatchObject({ context: { itemIndex: 2 } });
			expect(error?.description?.match(/Nothing was sent/g)).toHaveLength(1);
			expect(error?.description).not.toContain('succeeded');
			expect(recorder.requests).toEqual([]);
		},
	);

	it('takes a limit that is null for the default, not for everything', async () => {
		recorder.answers = {
			'chatsAtivos.php': Array.from({ length: 60 }, (_, index) => ({ protocolo: `${index + 1}` })),
		};
		const getActive = { resource: 'conversation', operation: 'getActive' };
		for (const returnAll of [false, '={{ false }}', '={{ "false" }}', '={{ null }}']) {
			const { items } = await run({ ...getActive, returnAll, limit: '={{ null }}' });
			expect(items).toHaveLength(50);
		}
		const { items } = await run({ ...getActive, returnAll: '={{ true }}', limit: '={{ null }}' });
		expect(items).toHaveLength(60);
	});

	it.each([
		['+55 (0)19 99999-9999', '5519999999999'],
		['0055 19 99999-9999', '5519999999999'],
		['tel:+55-19-99999-9999', '5519999999999'],
		['5519999999999@c.us', '5519999999999'],
		['5519999999999@s.whatsapp.net', '5519999999999'],
		[5519999999999, '5519999999999'],
		['+55\u00a019\u00a099999\u20119999\u200e', '5519999999999'],
		['019 99999-9999', '19999999999'],
	])('takes the telephone number %j', async (number, digits) => {
		await run({ ...contact, number: '={{ $json.number }}' }, { number });
		expect(recorder.calls.map(({ body }) => body)).toContainEqual(
			expect.objectContaining({ action: 'insert', numero: digits }),
		);
	});

	it('cannot change which quick reply action is carried out', async () => {
		await run({
			resource: 'quickReply',
			operation: 'create',
			text: 'x',
			options: { additionalFields: '{"action":"remove","atalho":7}' },
		});
		expect(recorder.calls[0]?.body).toMatchObject({ action: 'insert', atalho: '7' });
	});
});

describe('an answer that is none', () => {
	it.each([
		[
			'a web page with status 200',
			'<html><title>Login</title></html>',
			'a web page instead of data',
		],
		['a warning of PHP before JSON', 'Warning: x in y.php\n{"retorno":"ok"}', 'instead of data'],
		['truncated JSON', '{"retorno":"ok","mensag', 'incomplete JSON instead of data'],
		['nothing', '', 'nothing instead of data'],
	])('(%s) is a failure that says the text may have gone out', async (_what, text, message) => {
		recorder.answers = { 'enviaMensagem.php': () => ({ text }) };
		const { error, run: record } = await run(sendText({}));
		expect(error?.message).toContain(message);
		expect(error?.message).toMatch(/\. The message may have been delivered: do not send it again$/);
		expect(recorder.to('enviaMensagem.php')).toHaveLength(1);
		expect(JSON.stringify(record)).not.toContain(PASSWORD);
		expect(JSON.stringify(record)).not.toContain(login.senha);
	});

	it('is asked for again where that does no harm', async () => {
		let asked = 0;
		recorder.answers = {
			'chatsAtivos.php': () => (asked++ === 0 ? { status: 503, text: '' } : { text: '[]' }),
		};
		const { error } = await run({ resource: 'conversation', operation: 'getActive' });
		expect(error).toBeUndefined();
		expect(recorder.to('chatsAtivos.php')).toHaveLength(2);
	});

	it.each([
		[
			'deleted tag',
			'tag',
			'attach',
			{ protocol: byId('1'), tagId: byId('53') },
			'servicoTags.php',
			"Voxfree did not accept this 'Tag' for this 'Conversation'",
		],
		[
			'template outside its channel',
			'template',
			'send',
			{ protocol: byId('1'), templateId: byId('80') },
			'templatesWhatsapp.php',
			"Voxfree did not send this 'Template'",
		],
	])('(%s) names the field, with the words of Voxfree', async (...row) => {
		const [, resource, operation, rest, service, message] = row;
		recorder.answers = { [service]: { status: 'FALHA - não encontrado' } };
		const { error } = await run({ resource, operation, ...rest });
		expect(error?.message).toBe(`${message}: não encontrado`);
		expect(error?.description).toMatch(/^[A-Z]/);
		expect(recorder.to(service)).toHaveLength(1);
	});
});
