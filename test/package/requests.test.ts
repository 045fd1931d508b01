import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runNode, withoutSignature, type RunOptions } from '../support';
import { ROOT } from '../support/buildOnce';
import { resourcesOf } from './docTables';
import { samples, type RequestSamples } from './requestSamples';

interface Recorded {
	method: string;
	/** What stands after the Base URL. */
	path: string;
	query: string;
	body: string;
}

/** Stands before every path, so that it can be told from what the node adds to the Base URL. */
const BASE = '/base';

const requests: Recorded[] = [];
let answer: unknown;
let url = '';

const server = createServer(async (request, response) => {
	const body = Buffer.concat(await request.toArray()).toString();
	const { pathname, search } = new URL(request.url ?? '', url);
	const path = pathname.slice(BASE.length);
	requests.push({ method: request.method ?? '', path, query: search.slice(1), body });
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify(answer));
});
beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await once(server, 'close');
});

/** The operations of a node as its panel offers them. */
function offered({ node }: RequestSamples) {
	return resourcesOf(new node().description).flatMap((resource) =>
		resource.operations.map((operation) => ({
			resource: resource.value,
			operation: operation.value,
			key: `${resource.value}: ${operation.value}`,
			title: `${resource.name}: ${operation.name}`,
		})),
	);
}

/** A row for each request of an operation; the operation stands in the first. */
async function rowsOf(
	provider: RequestSamples,
	{ resource, operation, key, title }: ReturnType<typeof offered>[number],
): Promise<string[]> {
	requests.length = 0;
	answer = provider.answer(url);
	const { error } = await runNode({
		node: provider.node,
		credentialTypes: provider.credentialTypes,
		credentials: provider.credentials(url),
		parameters: {
			resource,
			operation,
			...provider.parameters[key],
		} as RunOptions['parameters'],
		...(provider.looping === key ? { loopFrom: 1 } : {}),
	});
	if (error) throw error;
	return requests.map(({ method, path, query, body }, index) => {
		const sent = [query, body].filter((part) => part !== '').map((part) => `\`${part}\``);
		const cells = [index === 0 ? title : '', `\`${method} ${path}`.trim() + '`', sent.join(', ')];
		return withoutSecrets(`| ${cells.join(' | ')} |`, provider.secrets);
	});
}

const withoutSecrets = (row: string, secrets: string[]) =>
	secrets.reduce((text, secret) => text.replaceAll(secret, '…'), withoutSignature(row));

describe.each(Object.entries(samples))('the requests of %s', (name, provider) => {
	const operations = offered(provider);

	it('have samples for every operation of the node, and no others', () => {
		expect(Object.keys(provider.parameters).sort()).toEqual(
			operations.map(({ key }) => key).sort(),
		);
	});

	it('are those of the table in the guide', async () => {
		const rows = ['| Operation | Request | Body or parameters |', '| --- | --- | --- |'];
		for (const operation of operations) {
			const recorded = await rowsOf(provider, operation);
			expect(recorded).not.toEqual([]);
			rows.push(...recorded);
		}
		const path = join(ROOT, 'docs', `${name}.md`);
		const guide = readFileSync(path, 'utf8');
		const begin = `<!-- requests: ${name} -->\n`;
		const end = '\n<!-- end of requests -->';
		const place = new RegExp(`${begin}[^]*?${end}`);
		expect(guide).toMatch(place);
		const written = guide.replace(place, () => [begin, ...rows, end].join('\n'));
		if (process.env.UPDATE_DOCS === '1') writeFileSync(path, written);
		expect(readFileSync(path, 'utf8')).toBe(written);
	});
});
