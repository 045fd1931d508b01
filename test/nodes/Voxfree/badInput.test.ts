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
			'a number for text',
			sendText({ text: '={{ 5 }}' }),
			"'Text' needs text, but was given a number",
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
			"'Channel ID' is not an ID",
		],
		[
			'a quoted message with a path',
			sendText({ options: { replyToMessageId: '={{ "a b" }}' } }),
			"'Reply to Message ID' is not an ID",
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
		expect(error?.description).toContain('The request may still have succeeded');
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
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(/^Voxfree says: não encontrado\. [A-Z]/);
		expect(recorder.to(service)).toHaveLength(1);
	});
});
