import { listSearch, testCredential } from './index';
import { ToyApi, ToySay, toyServer } from './toyNodes';

let server: Awaited<ReturnType<typeof toyServer>>;

beforeAll(async () => {
	server = await toyServer((path, body) => {
		if (path.startsWith('/words')) return ['one', 'two'];
		if (body.token === 'demo-stranger') return 403;
		return body.token === 'demo-wrong' ? { error: 1 } : { error: 0 };
	});
});
beforeEach(() => server.requests.splice(0));
afterAll(async () => await server.close());

describe('listSearch', () => {
	it('asks with filter, page, credential and the parameters filled in so far', async () => {
		const result = await listSearch({
			node: ToySay,
			method: 'searchWords',
			filter: 'o',
			paginationToken: '3',
			parameters: { text: '#' },
			credentialTypes: [ToyApi],
			credentials: { toyApi: { baseUrl: server.url, key: 'demo-key' } },
		});
		expect(result).toEqual({
			results: [
				{ name: '#one', value: 'one' },
				{ name: '#two', value: 'two' },
			],
			paginationToken: '2',
		});
		expect(server.requests).toMatchObject([
			{ path: '/words?filter=o&page=3', headers: { 'x-key': 'Key demo-key' } },
		]);
	});

	it('names a method that the node does not have', async () => {
		await expect(listSearch({ node: ToySay, method: 'nothing' })).rejects.toThrow('"nothing"');
	});
});

describe('testCredential', () => {
	const test = (data: Record<string, string>) =>
		testCredential({ credentialType: ToyApi, data: { baseUrl: server.url, ...data } });

	it('sends the test request of the class, authenticated', async () => {
		expect(await test({ key: 'demo-right' })).toMatchObject({ status: 'OK' });
		expect(server.requests).toMatchObject([{ path: '/check', body: { token: 'demo-right' } }]);
	});

	it('applies the rule on the body of a successful answer', async () => {
		expect(await test({ key: 'demo-wrong' })).toMatchObject({
			status: 'Error',
			message: 'The key was refused',
		});
	});

	it('reports the status of a refused request', async () => {
		expect(await test({ key: 'demo-stranger' })).toMatchObject({
			status: 'Error',
			message: 'Forbidden',
		});
	});

	it('reports a server that is not there', async () => {
		expect(await test({ baseUrl: 'http://127.0.0.1:1' })).toMatchObject({
			status: 'Error',
			message: 'ECONNREFUSED',
		});
	});

	it('says when there is nothing to test with', async () => {
		const bare = { name: 'bareApi', displayName: 'Bare API', properties: [] };
		expect(await testCredential({ credentialType: bare, data: {} })).toMatchObject({
			status: 'Error',
			message: 'No testing function found for this credential.',
		});
	});
});
