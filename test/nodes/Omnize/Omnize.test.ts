import { OmnizeApi } from '../../../credentials/OmnizeApi.credentials';
import { Omnize } from '../../../nodes/Omnize/Omnize.node';
import { ManualClock } from '../../simulators/clock';
import { startOmnize, type OmnizeSimulator } from '../../simulators/omnize/OmnizeSimulator';
import {
	listSearch,
	runNode,
	runTool,
	testCredential,
	waitFor,
	type RunOptions,
} from '../../support';
import cleared from '../../fixtures/omnize/request-cleared.json';
import departments from '../../fixtures/omnize/request-departments.json';
import finish from '../../fixtures/omnize/request-finish.json';
import init from '../../fixtures/omnize/request-init.json';
import message from '../../fixtures/omnize/request-message.json';
import typing from '../../fixtures/omnize/request-typing.json';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

// Machines with much to do are slow; no test waits for this long otherwise.
jest.setTimeout(30_000);

let omnize: OmnizeSimulator;
let clock: ManualClock;

beforeAll(async () => {
	clock = new ManualClock();
	omnize = await startOmnize({ clock, logLimit: 2_000 });
});
afterAll(async () => await omnize.close());
afterEach(() => {
	omnize.answerAfter = 0;
	omnize.reset();
});

const byId = (value: unknown) => ({ __rl: true, mode: 'id', value }) as IDataObject;

/** A run of Interaction: Send Message, unless told otherwise. */
const setup = (parameters: object = {}, options: Partial<RunOptions> = {}): RunOptions => ({
	node: Omnize,
	credentialTypes: [OmnizeApi],
	credentials: {
		omnizeApi: { token: 'demo-omnize-token', baseUrl: omnize.apiUrl, webhookSecret: '' },
	},
	parameters: {
		resource: 'interaction',
		operation: 'sendMessage',
		clientId: '12',
		departmentId: byId('1'),
		text: 'Message',
		...parameters,
	} as RunOptions['parameters'],
	...options,
});

/** Opens interactions without leaving traces in the request log. */
async function open(...clientIds: string[]) {
	for (const clientId of clientIds) {
		const answer = await fetch(omnize.apiUrl, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ ...init, clientId }),
		});
		expect(answer.status).toBe(200);
	}
	// A simulator that only forgets its log does not exist; what follows is counted from here.
	opened = omnize.requests.length;
}
let opened = 0;
beforeEach(() => (opened = 0));
const sent = () => omnize.requests.slice(opened);
const bodies = () => sent().map(({ body }) => body as Record<string, unknown>);
const underWay = () => omnize.requests.filter(({ outcome }) => outcome === 'under way').length;

describe('each operation sends exactly the body of the document', () => {
	it.each([
		['sendMessage', { text: 'Message' }, message],
		['startTyping', {}, typing],
		['stopTyping', {}, cleared],
		['finish', {}, finish],
	])('Interaction: %s', async (operation, parameters, body) => {
		await open('12');
		const { items, error } = await runNode(setup({ operation, ...parameters }));
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([body]);
		expect(items).toEqual([
			{
				json: {
					clientId: '12',
					departmentId: '1',
					answer: { status: 200, message: expect.any(String) as string },
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	const customer = {
		name: init.customerName,
		email: init.customerEmail,
		phone: init.customerPhone,
		cpf: init.customerCpf,
	};

	it('Interaction: start', async () => {
		const { error } = await runNode(setup({ operation: 'start', customer }));
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([init]);
	});

	it('Interaction: start with a bot ID', async () => {
		await runNode(setup({ operation: 'start', customer, options: { botId: 'greeter' } }));
		expect(bodies()).toEqual([{ ...init, botId: 'greeter' }]);
	});

	it('Interaction: start leaves out what is not known of the customer', async () => {
		await runNode(setup({ operation: 'start', customer: { name: 'Joao', email: '' } }));
		const { token, type, content, departmentId, clientId, customerName } = init;
		expect(bodies()).toEqual([{ token, type, content, departmentId, clientId, customerName }]);
	});

	it('Department: get many, with the client ID as text', async () => {
		const { items, error } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([{ ...departments, clientId: '1' }]);
		expect(items.map(({ json }) => json)).toEqual(omnize.state.departments);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(Array(4).fill({ item: 0 }));
	});

	it('as JSON, by POST, with the token nowhere but in the body', async () => {
		await open('12');
		await runNode(setup());
		const [request] = sent();
		expect(request).toMatchObject({ method: 'POST', path: '/client-gateway/api/rest/v1' });
		expect(request?.headers['content-type']).toMatch(/^application\/json/);
		expect(JSON.stringify([request?.path, request?.headers])).not.toContain('demo-omnize-token');
	});

	it.each(['/', '//', ' '])('to a base URL that ends in %j', async (end) => {
		await open('12');
		await runNode(
			setup(
				{},
				{ credentials: { omnizeApi: { token: omnize.token, baseUrl: omnize.apiUrl + end } } },
			),
		);
		expect(sent().map(({ path }) => path)).toEqual(['/client-gateway/api/rest/v1']);
	});

	it('with text that reads like a command as the text of a message', async () => {
		await open('12');
		await runNode(setup({ text: 'finish' }));
		expect(bodies()).toEqual([{ ...message, content: 'finish' }]);
		expect(omnize.state.interactions.at(-1)?.state).toBe('queued');
	});

	it('with blanks, line ends, emoji and quotes of a text untouched', async () => {
		await open('12');
		const text = '  "Olá"\r\n\ttudo bem? 🙂 {{ $json }} </b>\u2028 ';
		await runNode(setup({ text: '={{ $json.text }}' }, { items: [{ text }] }));
		expect(bodies()).toEqual([{ ...message, content: text }]);
	});
});

describe('Department: get many', () => {
	it('returns up to the limit', async () => {
		const { items } = await runNode(
			setup({ resource: 'department', operation: 'getAll', limit: 2 }),
		);
		expect(items.map(({ json }) => json.id)).toEqual(['1', '2']);
	});

	it('returns all in spite of the limit', async () => {
		const { items } = await runNode(
			setup({ resource: 'department', operation: 'getAll', returnAll: true, limit: 2 }),
		);
		expect(items).toHaveLength(4);
	});

	it('finds the list inside an object', async () => {
		omnize.setDepartmentsShape('object');
		const { items } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(items).toHaveLength(4);
	});

	it('is asked for again when Omnize is busy, because asking changes nothing', async () => {
		omnize.failNext('status-503');
		const { items, error } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(error).toBeUndefined();
		expect(items).toHaveLength(4);
		expect(bodies()).toEqual(Array(2).fill({ ...departments, clientId: '1' }));
	});

	it('keeps IDs beyond 2^53 exact', async () => {
		omnize.failNext('answer', 1, { status: 200, body: '[{"id":9007199254740993,"name":"A"}]' });
		const { items } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(items[0]?.json).toEqual({ id: '9007199254740993', name: 'A' });
	});
});

describe('a refusal under status 200', () => {
	it.each([
		[{ error: 'bloqueado' }, 'bloqueado'],
		[{ error: true, message: 'fora do horário' }, 'fora do horário'],
		[{ error: 1 }, 'no reason given'],
		[{ error: {}, message: '' }, 'no reason given'],
		[{ error: { message: 'sem agente' } }, 'sem agente'],
		[{ success: false, errors: ['a', 'b'] }, 'a; b'],
		[{ success: false, message: 'not now', error: 'other' }, 'not now'],
		[{ status: 400, message: 'campo faltando' }, 'campo faltando'],
		[{ status: 503 }, 'no reason given'],
	])('is an error for %j, with the words of Omnize', async (body, words) => {
		omnize.failNext('answer', 1, { status: 200, body: JSON.stringify(body) });
		const { error, items } = await runNode(setup());
		expect(items).toEqual([]);
		expect(error).toMatchObject({
			message: `Omnize did not accept the request: ${words}`,
			httpCode: '200',
		});
		expect(sent()).toHaveLength(1);
	});

	it('is an error for a list of departments too', async () => {
		omnize.failNext('answer', 1, { status: 200, body: '{"error":"no","departments":[]}' });
		const { error } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(error?.message).toBe('Omnize did not accept the request: no');
	});

	it.each([
		{ error: null },
		{ error: false },
		{ error: 0 },
		{ error: '' },
		{ success: true },
		{ status: 200, message: 'ok' },
		{ status: 399 },
		{ status: '400' },
		{ message: 'error' },
		{},
	])('is not seen in %j, which is passed on', async (answer) => {
		omnize.failNext('answer', 1, { status: 200, body: JSON.stringify(answer) });
		const { error, items } = await runNode(setup());
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json)).toEqual([{ clientId: '12', departmentId: '1', answer }]);
	});

	it.each([
		['"ok"', 'ok'],
		['5', 5],
	])('is not seen in %s, which is passed on as a value', async (body, value) => {
		omnize.failNext('answer', 1, { status: 200, body });
		const { error, items } = await runNode(setup());
		expect(error).toBeUndefined();
		expect(items[0]?.json.answer).toEqual({ value });
	});
});

describe('the list of departments', () => {
	const field = new Omnize().description.properties.find(({ name }) => name === 'departmentId');
	const method = field?.modes?.[0]?.typeOptions?.searchListMethod ?? 'none';
	const search = async (filter?: string) => await listSearch({ ...setup(), method, filter });
	const names = async (filter?: string) => (await search(filter)).results.map(({ name }) => name);

	it('offers all', async () => {
		expect((await search()).results).toEqual([
			{ name: 'Suporte técnico', value: '1' },
			{ name: 'Vendas', value: '2' },
			{ name: 'Cobrança', value: '3' },
			{ name: 'Informações e sugestões', value: '4' },
		]);
	});

	it.each([
		['cobranca', ['Cobrança']],
		['COBRANÇA', ['Cobrança']],
		['tecnico', ['Suporte técnico']],
		['ções', ['Informações e sugestões']],
		['4', ['Informações e sugestões']],
		['nobody', []],
	])('finds %j whatever its accents and case', async (filter, found) => {
		expect(await names(filter)).toEqual(found);
	});

	it.each(['[]', '{"departments":[]}', '{"data":{"departments":[]}}', '"Nenhum registro"'])(
		'is empty for the answer %s',
		async (body) => {
			omnize.failNext('answer', 1, { status: 200, body });
			expect(await search()).toEqual({ results: [] });
		},
	);

	it.each(['{}', '"ok"', '{"data":null}', '{"total":2}', '[{"name":"Sales"}]'])(
		'says that it cannot read the answer %s',
		async (body) => {
			omnize.failNext('answer', 1, { status: 200, body });
			await expect(search()).rejects.toMatchObject({
				message: 'Omnize answered, but not with a list this node can read',
				description: expect.stringContaining('enter the ID yourself') as string,
			});
		},
	);

	it.each([
		['inside data', { data: [{ id: 1, name: 'Sales' }] }],
		['two levels deep', { data: { departments: [{ id: 1, name: 'Sales' }] } }],
		['behind an empty list', { errors: [], departments: [{ id: 1, name: 'Sales' }] }],
		['as a map by ID', { departments: { '1': { name: 'Sales' } } }],
		['as a map of names by ID', { data: { '1': 'Sales' } }],
		['as a map by name', { data: { Sales: { id: 1 }, Support: { id: 2 } } }],
		['as one object', { data: { id: 1, name: 'Sales' } }],
		['with the ID of a parent', [{ parentDepartmentId: 7, departmentId: 1, name: 'Sales' }]],
		['with names of others', [{ id: 1, parentName: 'All', agentName: 'Ana', name: 'Sales' }]],
		['in capitals', { DATA: [{ ID: '1', NAME: 'Sales' }] }],
		['with fields in Portuguese', { dados: [{ codid: 1, nome: 'Sales' }] }],
	])('is read %s', async (_shape, body) => {
		omnize.failNext('answer', 2, { status: 200, body: JSON.stringify(body) });
		expect((await search()).results[0]).toEqual({ name: 'Sales', value: '1' });
		const { items, error } = await runNode(setup({ resource: 'department', operation: 'getAll' }));
		expect(error).toBeUndefined();
		expect(items.length).toBeGreaterThan(0);
	});

	it.each([{}, { data: {} }, { total: 3 }, 'ok'])(
		'is an error of Get Many for %j, or the answer on request',
		async (answer) => {
			const body = JSON.stringify(answer);
			omnize.failNext('answer', 2, { status: 200, body });
			const all = { resource: 'department', operation: 'getAll' };
			const { error } = await runNode(setup(all));
			expect(error?.message).toBe('Omnize answered, but not with a list this node can read');
			expect(error?.description).toContain(body);
			const raw = await runNode(setup({ ...all, options: { ifUnreadable: 'raw' } }));
			expect(raw.items.map(({ json }) => json)).toEqual([{ answer }]);
			expect(raw.hints).toMatchObject([{ type: 'warning' }]);
		},
	);

	it('takes IDs that are numbers, beyond 2^53 too, as text', async () => {
		const body = '[{"departmentId":7,"nome":"Sete"},{"id":9007199254740993}]';
		omnize.failNext('answer', 1, { status: 200, body });
		expect((await search()).results).toEqual([
			{ name: 'Sete', value: '7' },
			{ name: '9007199254740993', value: '9007199254740993' },
		]);
	});

	it('says in one sentence, without the token, why it cannot be had', async () => {
		omnize.failNext('echo-html');
		const error = await search().catch((reason: Error) => reason);
		expect(error).toMatchObject({ message: 'Omnize returned a web page instead of data' });
		expect(JSON.stringify(error) + (error as Error).stack).not.toContain('demo-omnize-token');
	});
});

describe('continue on fail', () => {
	const items = Array.from({ length: 10 }, (_, index) => ({
		n: index,
		text: index === 5 ? null : `text ${index}`,
		client: index === 7 ? '99' : '12',
	}));
	const run = async (onError: RunOptions['onError']) =>
		await runNode(
			setup({ text: '={{ $json.text }}', clientId: '={{ $json.client }}' }, { items, onError }),
		);

	it('puts failed items in their places among the others', async () => {
		await open('12');
		const { items: output, status } = await run('continueRegularOutput');
		expect(status).toBe('success');
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
		output.forEach(({ json }, index) => {
			if (index === 5) expect(json.error).toBe("'Text' needs text, but was given null");
			else if (index === 7)
				expect(json.error).toBe(
					'Omnize did not find what was requested (status 404): Client 99 has no open interaction',
				);
			else expect(json).toMatchObject({ clientId: '12', answer: { message: 'Message sent' } });
		});
		expect(bodies().map(({ content }) => content)).toEqual(
			expect.arrayContaining([0, 1, 2, 3, 4, 6, 7, 8, 9].map((n) => `text ${n}`)),
		);
		expect(sent()).toHaveLength(9);
	});

	it('sends failed items to the error output, with what they held', async () => {
		await open('12');
		const { outputs } = await run('continueErrorOutput');
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2, 3, 4, 6, 8, 9].map((item) => ({ item })),
		);
		expect(outputs[1]?.map(({ json }) => json)).toMatchObject([
			{ n: 5, client: '12', error: "'Text' needs text, but was given null" },
			{ n: 7, client: '99', error: expect.stringContaining('did not find') as string },
		]);
		expect(outputs[1]?.map(({ pairedItem }) => pairedItem)).toMatchObject([
			{ item: 5 },
			{ item: 7 },
		]);
	});

	it('is off by default: one wrong parameter among ten, and nothing is sent', async () => {
		await open('12');
		const { error, items: output } = await run(undefined);
		expect(error?.message).toBe("'Text' needs text, but was given null");
		expect(error).toMatchObject({
			context: { itemIndex: 5 },
			description: expect.stringContaining('Nothing was sent.') as string,
		});
		expect(output).toEqual([]);
		expect(sent()).toEqual([]);
	});

	it('is off by default: a refusal ends the run, names its item and counts what went through', async () => {
		await open('12');
		const { error } = await runNode(
			setup(
				{
					clientId: '={{ $json.client }}',
					options: { batching: { batch: { concurrentItems: 1 } } },
				},
				{ items: ['12', '12', '99', '12'].map((client) => ({ client })) },
			),
		);
		expect(error?.message).toBe(
			'Omnize did not find what was requested (status 404): Client 99 has no open interaction',
		);
		expect(error).toMatchObject({ context: { itemIndex: expect.any(Number) as number } });
		// Conversation by conversation in turn: 12, 99, and no more.
		expect(bodies().map(({ clientId }) => clientId)).toEqual(['12', '99']);
		expect(error?.description).toContain('1 item succeeded, 2 items were not started.');
	});
});

describe('a parameter that an expression has filled with something else', () => {
	const rejected = async (parameters: object, value: unknown) => {
		const { error, items } = await runNode(
			setup(parameters, { items: [{ value } as IDataObject] }),
		);
		expect(items).toEqual([]);
		expect(omnize.requests).toEqual([]);
		expect(error).toMatchObject({ context: { itemIndex: 0 } });
		return error?.message;
	};

	it.each([
		['an object', { a: 1 }, "'Text' needs text, but was given an object"],
		['a list', ['a'], "'Text' needs text, but was given a list"],
		[
			'a rounded number',
			2 ** 53,
			"'Text' is a number that JavaScript has rounded or cannot hold exactly",
		],
		['null', null, "'Text' needs text, but was given null"],
		['nothing', undefined, "'Text' needs text, but was given nothing"],
		['an empty text', '', "'Text' is empty"],
		['blanks', ' \n', "'Text' is empty"],
	])('names Text when it is %s, and sends nothing', async (_kind, value, sentence) => {
		const found = await rejected({ text: '={{ $json.value }}' }, value);
		// n8n itself may turn what is absent into null.
		expect(found?.replace('given null', 'given nothing')).toBe(
			sentence.replace('given null', 'given nothing'),
		);
	});

	const wrongIds: Array<[string, unknown, RegExp]> = [
		['an object', { a: 1 }, /needs text, but was given an object/],
		['a list', ['12'], /needs text, but was given a list/],
		['true', true, /needs text, but was given true/],
		['null', null, /needs text, but was given n/],
		['an empty text', '', /is empty/],
		['blanks', '  ', /is empty/],
		['a number above 2^53', 2 ** 53 + 2, /rounded or cannot hold exactly/],
		['a fraction', 1.5, /rounded or cannot hold exactly/],
	];
	it.each(wrongIds)('names Client ID when it is %s', async (_kind, value, sentence) => {
		const found = await rejected({ clientId: '={{ $json.value }}' }, value);
		expect(found).toMatch(/^'Client ID' /);
		expect(found).toMatch(sentence);
	});

	it.each(wrongIds)('names Department when it is %s', async (_kind, value, sentence) => {
		const found = await rejected({ departmentId: byId('={{ $json.value }}') }, value);
		expect(found).toMatch(/^'Department' /);
		expect(found).toMatch(sentence);
	});

	it.each([
		['customer', { name: '={{ $json.value }}' }, { a: 1 }, "'Customer > Name' needs text"],
		['customer', { phone: '={{ $json.value }}' }, [11988776655], "'Customer > Phone' needs text"],
		['options', { botId: '={{ $json.value }}' }, ['x'], "'Options > Bot ID' needs text"],
		['options', { timeout: '={{ $json.value }}' }, '5s', "'Options > Timeout' needs a number"],
		['options', { timeout: '={{ $json.value }}' }, 1, "'Options > Timeout' is 1, but must be"],
		[
			'options',
			{ batching: { batch: { concurrentItems: '={{ $json.value }}' } } },
			0,
			"'Options > Batching > Batching > Concurrent Items' is 0, but must be at least 1",
		],
	])('names the field inside %s', async (name, fields, value, sentence) => {
		expect(await rejected({ operation: 'start', [name]: fields }, value)).toContain(sentence);
	});

	it.each([
		['a number', 5, '5'],
		['true', true, 'true'],
		['zero', 0, '0'],
	])('takes %s of the input for text', async (_kind, value, sent) => {
		await open('12');
		const { error } = await runNode(setup({ text: '={{ $json.value }}' }, { items: [{ value }] }));
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([{ ...message, content: sent }]);
	});

	it.each([
		['{{ DateTime.fromISO("2026-01-31T14:30:00Z", { zone: "utc" }) }}', '2026-01-31T14:30:00.000Z'],
		['{{ new Date(0) }}', '1970-01-01T00:00:00.000Z'],
		['{{ 6 * 7 }}', '42'],
		['{{ 1 > 2 }}', 'false'],
	])('takes what %s yields for text', async (expression, sent) => {
		await open('12');
		const { error } = await runNode(setup({ text: `=${expression}` }));
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([{ ...message, content: sent }]);
	});

	it('takes null in a collection for the default', async () => {
		const { error } = await runNode(
			setup({
				operation: 'start',
				customer: { name: '={{ null }}', phone: '={{ 11988776655 }}' },
				options: { botId: '={{ $json.none }}', timeout: '={{ null }}' },
			}),
		);
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([expect.objectContaining({ customerPhone: '11988776655' })]);
		expect(bodies()[0]).not.toHaveProperty('customerName');
		expect(bodies()[0]).not.toHaveProperty('botId');
	});

	it('takes an ID that is a safe whole number, and sends it as text', async () => {
		await open('9007199254740991');
		const { error } = await runNode(
			setup(
				{ clientId: '={{ $json.client }}', departmentId: byId('={{ $json.department }}') },
				{ items: [{ client: 2 ** 53 - 1, department: 1 }] },
			),
		);
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([{ ...message, clientId: '9007199254740991' }]);
	});
});

it('a message that Omnize may have taken is not sent again', async () => {
	await open('12');
	omnize.failNext('status-503');
	const { error } = await runNode(setup());
	expect(error?.message).toContain('status 503');
	expect(sent()).toHaveLength(1);
});

describe('many items at once', () => {
	/** Lets time pass at the simulator until the run has ended. */
	async function letAnswer<T>(run: Promise<T>): Promise<T> {
		let ended = false;
		const end = run.finally(() => (ended = true));
		await waitFor(
			'the run to end',
			() => {
				clock.advance(1_000);
				return ended;
			},
			20_000,
		);
		return await end;
	}

	it('keeps the order of each client while clients run side by side', async () => {
		const clients = Array.from({ length: 12 }, (_, n) => `client-${n}`);
		await open(...clients);
		const items = Array.from({ length: 120 }, (_, n) => ({
			client: clients[(n * 7) % 12] ?? '',
			text: `text ${n}`,
		}));
		omnize.answerAfter = 1_000;
		let most = 0;
		const perClientAtOnce: number[] = [];
		const watch = () => {
			const current = omnize.requests.filter(({ outcome }) => outcome === 'under way');
			most = Math.max(most, current.length);
			const ids = current.flatMap(({ body }) => (body as { clientId?: string })?.clientId ?? []);
			perClientAtOnce.push(ids.length - new Set(ids).size);
		};
		omnize.on('change', watch);
		const run = runNode(
			setup({ clientId: '={{ $json.client }}', text: '={{ $json.text }}' }, { items }),
		);
		await waitFor('ten to be under way', () => underWay() === 10);
		const { items: output, error } = await letAnswer(run);
		omnize.off('change', watch);
		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.clientId)).toEqual(items.map(({ client }) => client));
		for (const client of clients) {
			const got = bodies()
				.filter(({ clientId }) => clientId === client)
				.map(({ content }) => content);
			expect(got).toEqual(items.filter((item) => item.client === client).map(({ text }) => text));
		}
		expect(most).toBe(10);
		expect(Math.max(...perClientAtOnce)).toBe(0);
	});

	it.each([1, 3, 25])('has never more than %d under way when that is the limit', async (limit) => {
		const clients = Array.from({ length: 30 }, (_, n) => `c${n}`);
		await open(...clients);
		omnize.answerAfter = 1_000;
		let most = 0;
		const watch = () => (most = Math.max(most, underWay()));
		omnize.on('change', watch);
		const run = runNode(
			setup(
				{
					clientId: '={{ $json.client }}',
					options: { batching: { batch: { concurrentItems: limit } } },
				},
				{ items: clients.map((client) => ({ client })) },
			),
		);
		await waitFor('the limit to be reached', () => underWay() === limit);
		await letAnswer(run);
		omnize.off('change', watch);
		expect(most).toBe(limit);
		expect(sent()).toHaveLength(30);
	});

	it('decrypts the credential once, however many items there are', async () => {
		await open('12');
		const { credentialFetches } = await runNode(
			setup({}, { items: Array.from({ length: 50 }, () => ({})) }),
		);
		expect(sent()).toHaveLength(50);
		expect(credentialFetches).toEqual({ omnizeApi: 1 });
	});

	it('begins no further item once the execution is stopped', async () => {
		let execution: Promise<INodeExecutionData[][]> | undefined;
		class Watched extends Omnize {
			override async execute(this: IExecuteFunctions) {
				execution = Omnize.prototype.execute.call(this);
				return await execution;
			}
		}
		const clients = Array.from({ length: 20 }, (_, n) => `c${n}`);
		await open(...clients);
		omnize.answerAfter = 1_000;
		const stop = new AbortController();
		const run = runNode(
			setup(
				{
					clientId: '={{ $json.client }}',
					options: { batching: { batch: { concurrentItems: 4 } } },
				},
				{
					node: Watched,
					// An item that failed before does not hide that the execution was stopped.
					items: clients.map((client, n) => ({ client: n === 0 ? null : client })),
					signal: stop.signal,
					onError: 'continueRegularOutput',
				},
			),
		);
		await waitFor('four to be under way', () => underWay() === 4);
		stop.abort();
		expect((await run).status).toBe('canceled');
		clock.advance(1_000);
		await execution?.catch(() => undefined);
		expect(sent()).toHaveLength(4);
	});

	it('gives nothing for no items', async () => {
		const { items } = await runNode(setup({}, { items: [] }));
		expect(items).toEqual([]);
		expect(omnize.requests).toEqual([]);
	});
});

describe('as the tool of an AI agent', () => {
	it('sends what the model says to the customer that the workflow knows', async () => {
		await open('12');
		const { response, error } = await runTool({
			...setup({ text: "={{ $fromAI('text', 'What to say', 'string') }}" }),
			args: { text: 'Bom dia' },
		});
		expect(error).toBeUndefined();
		expect(bodies()).toEqual([{ ...message, content: 'Bom dia' }]);
		expect(JSON.parse(response ?? '')).toMatchObject([{ clientId: '12' }]);
	});
});

describe('the credential test', () => {
	const test = async (token: string, baseUrl = omnize.apiUrl) =>
		await testCredential({ credentialType: OmnizeApi, data: { token, baseUrl } });

	it('accepts a token that Omnize accepts, by asking for the departments', async () => {
		expect((await test('demo-omnize-token')).status).toBe('OK');
		expect(bodies()).toEqual([{ ...departments, clientId: '1' }]);
	});

	it('refuses a wrong token, and does not show it', async () => {
		const result = await test('demo-wrong-token');
		expect(result.status).toBe('Error');
		expect(JSON.stringify(result)).not.toContain('demo-wrong-token');
	});

	it('refuses an address where nobody answers', async () => {
		expect((await test('demo-omnize-token', 'http://127.0.0.1:9/')).status).toBe('Error');
	});

	it('sends the token without spaces around it', async () => {
		expect((await test(' demo-omnize-token\n')).status).toBe('OK');
	});

	describe('given', () => {
		let answer: { status?: number; type?: string; text: string; location?: string };
		let asked: number;
		let server: Server;
		let url: string;
		beforeAll(async () => {
			server = createServer((request, response) => {
				asked++;
				request.resume();
				const { status = 200, type = 'application/json', text, location } = answer;
				response.writeHead(status, { 'content-type': type, ...(location ? { location } : {}) });
				response.end(text);
			});
			await once(server.listen(0, '127.0.0.1'), 'listening');
			url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		});
		beforeEach(() => (asked = 0));
		afterAll(() => server.close());

		it.each([
			'[{"id":1,"name":"Vendas"}]',
			'{"departments":[{"id":1}]}',
			'{"departments":[],"error":null,"success":true}',
			'{"departments":[],"error":false,"errors":[]}',
			'{"departments":[],"error":0,"status":200}',
			'{"departments":[],"error":"","status":"ok"}',
		])('%s accepts it', async (text) => {
			answer = { text };
			expect(await test('demo-omnize-token', url)).toMatchObject({ status: 'OK' });
		});

		it.each([
			'{"error":"Invalid token"}',
			'{"error":"x"}',
			'{"error":true}',
			'{"error":1}',
			'{"error":401}',
			'{"error":{"message":"no"}}',
			'{"errors":["no"]}',
			'{"errors":[{"message":"no"}]}',
			'{"success":false}',
			'{"success":false,"message":"no"}',
			'{"success":"false"}',
			'{"status":401,"message":"no"}',
			'null',
			'"Invalid token"',
		])('%s refuses it', async (text) => {
			answer = { text };
			expect(await test('demo-omnize-token', url)).toMatchObject({ status: 'Error' });
		});

		it.each(['<!doctype html><title>Hello</title>', '\n\n <html></html>', '', 'Invalid token'])(
			'the text %j refuses it',
			async (text) => {
				for (const type of ['text/html', 'application/json']) {
					answer = { text, type };
					expect(await test('demo-omnize-token', url)).toMatchObject({ status: 'Error' });
				}
			},
		);

		it.each([301, 302, 303, 307, 308])(
			'a redirect (%i) takes the token nowhere',
			async (status) => {
				answer = { status, text: '', location: `${url}/elsewhere` };
				expect(await test('demo-omnize-token', url)).toMatchObject({ status: 'Error' });
				expect(asked).toBe(1);
			},
		);
	});
});
