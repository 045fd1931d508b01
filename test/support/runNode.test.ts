import { CredentialStore, binaryContent, runNode, runTool, waitFor } from './index';
import {
	ToyApi,
	ToyFile,
	ToyFunctionApi,
	ToySay,
	ToySessionApi,
	ToyWait,
	toyServer,
} from './toyNodes';

let server: Awaited<ReturnType<typeof toyServer>>;

beforeAll(async () => {
	server = await toyServer((path, body, headers) => {
		if (path === '/login') return { session: 'demo-session-2' };
		if (headers['x-session'] === 'demo-session-1') return 401;
		return { heard: body.said ?? null };
	});
});
beforeEach(() => server.requests.splice(0));
afterAll(async () => await server.close());

const say = (options: Partial<Parameters<typeof runNode>[0]> = {}) => ({
	node: ToySay,
	credentialTypes: [ToyApi, ToyFunctionApi, ToySessionApi],
	credentials: { toyApi: { baseUrl: server.url, key: 'demo-key' } },
	parameters: { text: '={{ $json.word.toUpperCase() }}' },
	items: [{ word: 'one' }, { word: 'two' }],
	...options,
});

describe('runNode', () => {
	it('resolves expressions for each item and pairs what comes out with what went in', async () => {
		const { items, status, error } = await runNode(say());
		expect(error).toBeUndefined();
		expect(status).toBe('success');
		expect(items).toEqual([
			{ json: { heard: 'ONE' }, pairedItem: { item: 0 } },
			{ json: { heard: 'TWO' }, pairedItem: { item: 1 } },
		]);
	});

	it('applies a generic authenticate to header and body', async () => {
		await runNode(say({ items: [{ word: 'hi' }] }));
		expect(server.requests).toMatchObject([
			{
				path: '/say',
				body: { said: 'HI', token: 'demo-key' },
				headers: { 'x-key': 'Key demo-key' },
			},
		]);
	});

	it('applies an authenticate function and the defaults of credential fields', async () => {
		await runNode(
			say({
				credentials: { toyFunctionApi: { baseUrl: server.url } },
				parameters: { text: 'hi', credential: 'toyFunctionApi' },
				items: [{}],
			}),
		);
		expect(server.requests[0]?.headers).toMatchObject({ 'x-function-key': 'demo-default-key' });
	});

	it('resolves expressions inside credential data', async () => {
		await runNode(
			say({ credentials: { toyApi: { baseUrl: server.url, key: '={{ "demo" + 1 }}' } } }),
		);
		expect(server.requests[0]?.body.token).toBe('demo1');
	});

	it('logs in before the first request and stores the session', async () => {
		const credentials = new CredentialStore({
			toySessionApi: { baseUrl: server.url, session: '' },
		});
		const options = say({
			credentials,
			parameters: { text: 'hi', credential: 'toySessionApi' },
			items: [{}],
		});
		await runNode(options);
		expect(server.requests.map(({ path }) => path)).toEqual(['/login', '/say']);
		expect(credentials.get('toySessionApi').session).toBe('demo-session-2');
		await runNode(options);
		expect(server.requests.map(({ path }) => path)).toEqual(['/login', '/say', '/say']);
	});

	it('logs in again when the provider answers 401', async () => {
		const { items } = await runNode(
			say({
				credentials: { toySessionApi: { baseUrl: server.url, session: 'demo-session-1' } },
				parameters: { text: 'hi', credential: 'toySessionApi' },
				items: [{}],
			}),
		);
		expect(items[0]?.json).toEqual({ heard: 'hi' });
		expect(server.requests.map(({ path }) => path)).toEqual(['/say', '/login', '/say']);
	});

	it('counts how often a credential was decrypted', async () => {
		const { credentialFetches } = await runNode(say());
		expect(credentialFetches).toEqual({ toyApi: 1 });
	});

	it('stops at the first failing item by default', async () => {
		const { error, status, items } = await runNode(
			say({ parameters: { text: '={{ $json.word }}' }, items: [{ word: 'fail' }, { word: 'a' }] }),
		);
		expect(status).toBe('error');
		expect(error?.message).toBe('Will not say that');
		expect(items).toEqual([]);
		expect(server.requests).toEqual([]);
	});

	it('goes on with the failed item among the others', async () => {
		const { outputs, status } = await runNode(
			say({
				parameters: { text: '={{ $json.word }}' },
				items: [{ word: 'fail' }, { word: 'a' }],
				onError: 'continueRegularOutput',
			}),
		);
		expect(status).toBe('success');
		expect(outputs).toHaveLength(1);
		expect(outputs[0]).toMatchObject([
			{ json: { error: 'Will not say that' }, pairedItem: { item: 0 } },
			{ json: { heard: 'a' }, pairedItem: { item: 1 } },
		]);
	});

	it('sends the failed item to the error output', async () => {
		const { outputs } = await runNode(
			say({
				parameters: { text: '={{ $json.word }}' },
				items: [{ word: 'fail' }, { word: 'a' }],
				onError: 'continueErrorOutput',
			}),
		);
		expect(outputs).toHaveLength(2);
		expect(outputs[0]).toMatchObject([{ json: { heard: 'a' } }]);
		expect(outputs[1]).toMatchObject([{ json: { word: 'fail', error: 'Will not say that' } }]);
	});

	it('keeps the logs and hints of the node', async () => {
		const { logs, hints } = await runNode(say());
		expect(logs).toContainEqual({
			level: 'info',
			message: 'Said it all',
			metadata: { count: 2 },
		});
		expect(hints).toEqual([{ message: 'Said it', location: 'outputPane' }]);
	});

	it('refuses a workflow whose required credential is not set', async () => {
		const { error } = await runNode(say({ credentials: {} }));
		expect(error?.message).toMatch(/credential/i);
		expect(server.requests).toEqual([]);
	});

	it('stops a running node when the execution is aborted', async () => {
		const stop = new AbortController();
		const run = runNode({ node: ToyWait, signal: stop.signal });
		await waitFor('the node to run', () => ToyWait.slices > 1);
		stop.abort();
		const { status, error } = await run;
		expect(status).toBe('canceled');
		expect(error?.message).toMatch(/cancel/i);
		expect(ToyWait.slices).toBeLessThan(1_000);
	});

	it.each(['memory', 'filesystem'] as const)('hands files in and out in %s mode', async (mode) => {
		const { items, responses } = await runNode({
			node: ToyFile,
			binaryMode: mode,
			items: [
				{
					json: {},
					binary: { data: { content: 'shout', mimeType: 'text/plain', fileName: 'a.txt' } },
				},
			],
		});
		const [item] = items;
		expect(item?.binary?.data).toMatchObject({ mimeType: 'text/plain', fileName: 'a.txt' });
		expect(item?.binary?.data?.id?.startsWith('filesystem-v2:') ?? false).toBe(
			mode === 'filesystem',
		);
		expect((await binaryContent(item!)).toString()).toBe('SHOUT');
		expect(responses).toEqual([{ body: 'SHOUT', statusCode: 201 }]);
	});

	it('takes well under a second once n8n-core is loaded', async () => {
		const start = performance.now();
		await runNode(say());
		expect(performance.now() - start).toBeLessThan(1_000);
	});
});

describe('runTool', () => {
	const text = "={{ $fromAI('word', 'The word to say', 'string') }}";

	it('runs a node as the tool of an agent with what the model filled in', async () => {
		const { tool, response, credentialFetches } = await runTool(
			say({ parameters: { text }, items: [{}], ...{ args: { word: 'hello' } } }),
		);
		expect(tool.name).toBe('Node');
		expect(tool.description).not.toBe('');
		expect(JSON.parse(response!)).toEqual([{ heard: 'hello' }]);
		expect(credentialFetches).toEqual({ toyApi: 1 });
	});

	it('hands the error of the node to the model', async () => {
		const { error } = await runTool({
			...say({ parameters: { text }, items: [{}] }),
			args: { word: 'fail' },
		});
		expect(error?.message).toContain('Will not say that');
	});
});
