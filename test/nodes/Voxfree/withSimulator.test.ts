import { binaryContent, CredentialStore, listSearch, runNode } from '../../support';
import { seedPasswords } from '../../simulators/voxfree/office';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../../simulators/voxfree/VoxfreeSimulator';
import { byId, credentialData, setupOf, startNewProcess } from './setup';
import type { IDataObject } from 'n8n-workflow';

jest.setTimeout(60_000);

const ANA = '61';
let voxfree: VoxfreeSimulator;
beforeAll(async () => (voxfree = await startVoxfree()));
afterAll(async () => await voxfree.close());
beforeEach(() => {
	voxfree.reset();
	startNewProcess();
});

const store = () =>
	new CredentialStore({
		voxfreeApi: credentialData(`${voxfree.applicationUrl}${SERVICES_PATH}`, {
			login: voxfree.state.agents.find(({ id }) => id === ANA)?.login ?? '',
			password: seedPasswords[ANA] ?? '',
			servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
		}),
	});
const run = async (resource: string, operation: string, parameters: object = {}) => {
	const { items, error } = await runNode(
		setupOf(
			store(),
			{ resource, operation, ...parameters },
			{
				items: [{ json: {}, binary: { data: { content: 'demo', fileName: 'demo é.txt' } } }],
			},
		),
	);
	return { items: items.map(({ json }) => json), error };
};
const list = async (method: string, parameters: object = {}) =>
	(await listSearch({ ...setupOf(store(), { resource: 'message', ...parameters }), method }))
		.results;

/** The ID of an entry of a list, which stands first. */
const idOf = (entry: object) => String(Object.values(entry)[0]);

/** A conversation of Ana's agent with contact 30 on the official channel. */
function activeConversation(): string {
	const { protocol } = voxfree.customerWrites('30', '25', 'Olá', { departmentId: '9' });
	voxfree.assign(protocol, ANA);
	return protocol;
}

describe.each([
	['array', 'document', 'own'],
	['object', 'document', 'own'],
	['keyed', 'document', 'own'],
	['array', 'bare', 'own'],
	['keyed', 'bare', 'own'],
	['array', 'document', 'split'],
	['array', 'bare', 'split'],
	['array', 'document', 'keyed'],
	['array', 'bare', 'keyed'],
	['array', 'document', 'nested'],
	['array', 'bare', 'nested'],
] as const)('with lists as %s, IDs as %s and the dialect "%s"', (lists, answerIds, answers) => {
	beforeEach(() => voxfree.configure({ lists, answerIds, answers }));

	it('lists everything under our names', async () => {
		const protocol = byId(activeConversation());
		const department = { departmentId: byId('9') };
		const expected: Array<[string, object, object[]]> = [
			['channel', department, [{ channelId: '25', name: 'WhatsApp Oficial' }, {}, {}]],
			['contact', {}, [{ contactId: '30', name: 'João Batista' }, {}, {}]],
			[
				'department',
				{},
				[
					{ departmentId: '9', name: 'Atendimento' },
					{ departmentId: '10', name: 'Financeiro' },
				],
			],
			['portfolio', {}, [{ portfolioId: '1635', contactId: '31', departmentId: '9' }]],
			[
				'quickReply',
				{},
				[
					{ quickReplyId: '1301', isOwn: false },
					{ quickReplyId: '1302', isOwn: true },
				],
			],
			[
				'tag',
				{ protocol },
				[{ tagId: '52', name: 'Retornar contato' }, { tagId: '53' }, { tagId: '54', isOwn: true }],
			],
			[
				'template',
				{ protocol },
				[{ templateId: '80', name: 'demo_retomar_conversa' }, { templateId: '84' }],
			],
			[
				'wrapUpCode',
				{ protocol },
				[{ wrapUpCodeId: '22', name: 'Resolvido' }, { wrapUpCodeId: '23' }],
			],
		];
		for (const [resource, parameters, entries] of expected) {
			const { items, error } = await run(resource, 'getAll', { returnAll: true, ...parameters });
			expect([resource, error]).toEqual([resource, undefined]);
			const bySize = (one: object, other: object) => idOf(one).length - idOf(other).length;
			expect(
				[...items].sort((one, other) => bySize(one, other) || idOf(one).localeCompare(idOf(other))),
			).toMatchObject(entries);
		}
	});

	it('has nothing to list where Voxfree says that there is nothing', async () => {
		for (const operation of ['getActive', 'getWaiting']) {
			expect(await run('conversation', operation)).toEqual({ items: [], error: undefined });
		}
		const { protocol } = voxfree.customerWrites('342284', '28', 'Oi');
		for (const resource of ['template']) {
			expect(await run(resource, 'getAll', { protocol: byId(protocol) })).toEqual({
				items: [],
				error: undefined,
			});
		}
	});

	it('reads the active and the waiting conversations', async () => {
		const protocol = activeConversation();
		expect((await run('conversation', 'getActive')).items).toMatchObject([
			{
				protocol,
				contactId: '30',
				contactName: 'João Batista',
				channelId: '25',
				departmentId: '9',
				agentId: ANA,
				isGroup: false,
			},
		]);
		const { protocol: waiting } = voxfree.customerWrites('342284', '26', 'Oi', {
			departmentId: '9',
		});
		expect((await run('conversation', 'getWaiting')).items).toMatchObject([{ protocol: waiting }]);
	});

	it('fills the lists of the editor', async () => {
		const protocol = byId(activeConversation());
		const chosen = { operation: 'sendText', protocol };
		expect(await list('searchConversations')).toHaveLength(1);
		expect(await list('searchContacts')).toContainEqual({ name: 'João Batista', value: '30' });
		expect(await list('searchDepartments')).toContainEqual({ name: 'Atendimento', value: '9' });
		expect(await list('searchQuickReplies')).toContainEqual({ name: 'Prazo', value: '1302' });
		expect(await list('searchTags', chosen)).toContainEqual({ name: 'Urgente', value: '53' });
		expect(await list('searchTemplates', chosen)).toContainEqual({
			name: 'demo_retomar_conversa',
			value: '80',
		});
		expect(await list('searchWrapUpCodes', chosen)).toContainEqual({
			name: 'Resolvido',
			value: '22',
		});
		expect(
			await list('searchChannels', {
				resource: 'channel',
				operation: 'getAll',
				departmentId: byId('9'),
			}),
		).toContainEqual({ name: 'WhatsApp Oficial', value: '25' });
	});

	it('sends, reads what is new, and opens', async () => {
		const protocol = activeConversation();
		const to = { protocol: byId(protocol) };
		const sent = await run('message', 'sendText', { ...to, text: 'x', outsideWindow: 'error' });
		expect(sent.error).toBeUndefined();
		expect(sent.items).toMatchObject([{ success: true, protocol, fromMe: true }]);
		const file = await run('message', 'sendFile', { ...to, caption: 'é' });
		expect(file.items).toMatchObject([{ fileName: 'demo é.txt', text: 'é', protocol }]);
		const [first] = (await run('conversation', 'open', to)).items;
		const messages = first?.messages as IDataObject[];
		expect(messages.at(-1)).toMatchObject({ fileName: 'demo é.txt', fromMe: true });
		const before = messages.at(-2)?.messageId;
		const fresh = await run('message', 'getNew', { ...to, lastMessageId: before });
		expect(fresh.items).toMatchObject([{ messageId: messages.at(-1)?.messageId }]);
	});
});

describe('against the simulator', () => {
	it.each(['array', 'object', 'messages only'] as const)(
		'reads what was sent in the envelope %s',
		async (sendAnswer) => {
			voxfree.configure({ sendAnswer, sentMessage: 'array', templateAnswerKey: 'other' });
			const to = { protocol: byId(activeConversation()) };
			const { items } = await run('message', 'sendText', { ...to, text: 'x' });
			expect(items).toMatchObject([
				{ success: true, text: expect.stringContaining('x') as string },
			]);
			const { items: template } = await run('template', 'send', { ...to, templateId: byId('80') });
			expect(template).toMatchObject([{ success: true, type: 'template' }]);
		},
	);

	it('tells what the contact has read and which messages were taken back', async () => {
		const protocol = activeConversation();
		const to = { protocol: byId(protocol) };
		const before = voxfree.state.conversations.at(-1)!.messages.at(-1)!.id;
		await run('message', 'sendText', { ...to, text: 'first' });
		await run('message', 'sendText', { ...to, text: 'second' });
		const told = async () =>
			(await run('message', 'getNew', { ...to, lastMessageId: before })).items;
		expect(await told()).toMatchObject([
			{ deliveryStatus: 'sent', deleted: false },
			{ deliveryStatus: 'sent', deleted: false },
		]);
		voxfree.customerReads(protocol);
		voxfree.deleteMessage(protocol, String((await told())[0]!.messageId));
		expect(await told()).toMatchObject([
			{ deliveryStatus: 'read', deleted: true },
			{ deliveryStatus: 'read', deleted: false, text: expect.stringContaining('second') as string },
		]);
	});

	it('sends the template instead when the contact has been silent for 24 hours', async () => {
		const to = { protocol: byId(activeConversation()), text: 'x' };
		voxfree.passTime(24 * 60 * 60 * 1000);
		const refused = await run('message', 'sendText', { ...to, outsideWindow: 'error' });
		expect(refused.error?.message).toMatch(/^The 24-hour window of this conversation closed at/);
		const { items } = await run('message', 'sendText', {
			...to,
			outsideWindow: 'template',
			templateId: byId('80'),
		});
		expect(items).toMatchObject([{ sentTemplateInstead: true, type: 'template' }]);
	});

	it('starts a conversation, hands it over and finishes another with a wrap-up code', async () => {
		const { items, error } = await run('conversation', 'start', {
			departmentId: byId('9'),
			channelId: byId('26'),
			contactId: byId('342284'),
		});
		expect(error).toBeUndefined();
		expect(items).toMatchObject([{ started: true, protocol: expect.any(String) as string }]);
		const to = { protocol: byId(items[0]?.protocol) };
		const transfer = { ...to, newAgentId: byId('60'), note: 'n' };
		expect((await run('conversation', 'transfer', transfer)).error).toBeUndefined();
		const finish = { protocol: byId(activeConversation()), wrapUpCodeId: byId('22') };
		expect((await run('conversation', 'finish', finish)).error).toBeUndefined();
		expect((await run('conversation', 'getActive')).items).toEqual([]);
	});

	it('does not start on Instagram', async () => {
		const { error } = await run('conversation', 'start', {
			departmentId: byId('9'),
			channelId: byId('27'),
			contactId: byId('30'),
		});
		expect(error?.message).toContain('where conversations cannot be started');
	});

	it.each([
		['foto da fachada.png', 'image/png', 'image/png'],
		['recado.ogg', 'audio/ogg', 'audio/ogg'],
		['contrato.pdf', 'application/pdf', 'application/pdf'],
		['página.html', 'text/html', 'application/octet-stream'],
	])('downloads a %s that a contact has sent', async (name, sentAs, mimeType) => {
		const protocol = activeConversation();
		const before = voxfree.customerWrites('30', '25', 'Segue').messageId;
		const content = Buffer.from('demo file');
		voxfree.customerSendsFile('30', '25', { name, mimeType: sentAs, content });
		const fresh = await run('message', 'getNew', {
			protocol: byId(protocol),
			lastMessageId: before,
		});
		const { items, error } = await runNode(
			setupOf(
				store(),
				{ resource: 'message', operation: 'downloadFile' },
				{ items: fresh.items.map((json) => ({ json })) },
			),
		);
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json)).toMatchObject([
			{ protocol, fileName: name, mimeType, fileSize: content.length },
		]);
		expect(await binaryContent(items[0]!)).toEqual(content);
	});

	it.each(['own', 'login'] as const)('logs in again when it is forgotten (%s)', async (form) => {
		voxfree.configure({ unknownAgentForm: form });
		activeConversation();
		expect((await run('conversation', 'getActive')).error).toBeUndefined();
		voxfree.forgetSession(ANA);
		expect((await run('conversation', 'getActive')).items).toHaveLength(1);
	});

	it('makes, attaches, renames and deletes a tag of its own, and no other', async () => {
		const protocol = byId(activeConversation());
		const { items } = await run('tag', 'create', {
			protocol,
			name: 'Demo',
			options: { departmentId: '9' },
		});
		const tagId = byId(items[0]?.tagId);
		for (const [operation, more] of [
			['attach', {}],
			['update', { name: 'Other' }],
			['detach', {}],
			['delete', {}],
		] as const) {
			expect((await run('tag', operation, { protocol, tagId, ...more })).error).toBeUndefined();
		}
		const foreign = await run('tag', 'delete', { protocol, tagId: byId('53') });
		expect(foreign.error?.message).toMatch(/^Voxfree did not change the tag: não foi possivel/);
	});
});
