import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
	createServer as createTcpServer,
	type AddressInfo,
	type Server as TcpServer,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket as NodeWebSocket } from 'undici';
import { VoxfreeApi } from '../../../credentials/VoxfreeApi.credentials';
import { failureByError } from '../../../nodes/Voxfree/trigger/openingFailure';
import { VoxfreeTrigger } from '../../../nodes/Voxfree/VoxfreeTrigger.node';
import { startVoxfree, type VoxfreeSimulator } from '../../simulators/voxfree/VoxfreeSimulator';
import { closeTriggers, startTrigger } from '../../support';
import { selfSignedCertificate } from '../../support/certificate';

const PASSWORD = 'demo-password-1';
const { WebSocket: ownWebSocket } = globalThis;

let voxfree: VoxfreeSimulator;
const servers: Array<{ close(): unknown }> = [];
const sockets = new Set<Duplex>();

beforeAll(async () => {
	globalThis.WebSocket = NodeWebSocket as unknown as typeof globalThis.WebSocket;
	voxfree = await startVoxfree();
});
afterEach(async () => {
	await closeTriggers();
	for (const socket of sockets) socket.destroy();
	sockets.clear();
	for (const server of servers.splice(0)) server.close();
	voxfree.socket.reset();
});
afterAll(async () => {
	globalThis.WebSocket = ownWebSocket;
	await voxfree.close();
});

async function listen(server: Server | TcpServer, scheme = 'ws'): Promise<string> {
	server.on('connection', (socket: Duplex) => sockets.add(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	servers.push(server);
	return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers plain requests and upgrades alike. */
async function answering(
	status: number,
	headers: Record<string, string> = {},
	body = '',
): Promise<string> {
	const server = createServer((_request, response) =>
		response.writeHead(status, headers).end(body),
	);
	server.on('upgrade', (_request, socket) => {
		const lines = Object.entries({ ...headers, 'Content-Length': String(body.length) });
		const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
		socket.end(`HTTP/1.1 ${status} No\r\n${head}Connection: close\r\n\r\n${body}`);
	});
	return await listen(server);
}

/** A server of TLS that would make a WebSocket of any connection. */
async function withCertificate(options: Parameters<typeof selfSignedCertificate>[0]) {
	const refuse: RequestListener = (_request, response) => response.writeHead(426).end();
	return await listen(createTlsServer(selfSignedCertificate(options), refuse), 'wss');
}

/** What n8n shows when a person activates the workflow with this socket URL. */
async function messageFor(socketUrl: string, login = 'ana.souza@demo'): Promise<string> {
	const error = await startTrigger({
		node: VoxfreeTrigger,
		credentialTypes: [VoxfreeApi],
		credentials: {
			voxfreeApi: {
				login,
				password: PASSWORD,
				baseUrl: `${voxfree.applicationUrl}/mobile`,
				servicesUrl: `${voxfree.servicesUrl}/mobile`,
				socketUrl,
			},
		},
		parameters: { events: ['newMessage'], fetchDetails: false },
	}).then(
		() => new Error('it was activated'),
		(reason: Error) => reason,
	);
	expect(JSON.stringify(error)).not.toContain(PASSWORD);
	return error.message;
}

const cases: Array<[string, () => Promise<string>, RegExp]> = [
	[
		'a certificate that signs itself',
		async () => await withCertificate({ host: '127.0.0.1' }),
		/the certificate is self-signed\. .*NODE_EXTRA_CA_CERTS/,
	],
	[
		'a port at which nothing listens',
		async () => 'ws://127.0.0.1:9',
		/nothing accepts connections on this port\. Check 'Socket URL'/,
	],
	[
		'a host that does not exist',
		async () => 'wss://socket.invalid',
		/the host (is unknown|could not be looked up)\. Check/,
	],
	[
		'a proxy that does not reach the server',
		async () => await answering(502, {}, '<html>Bad Gateway</html>'),
		/a proxy answered that it does not reach the server \(status 502\)\. /,
	],
	[
		'a redirect',
		async () => await answering(301, { Location: 'https://elsewhere.example.test/login?a=b' }),
		/the server redirects to elsewhere\.example\.test \(status 301\)\. .*'Socket URL'/,
	],
	[
		'a web page',
		async () => await answering(200, { 'Content-Type': 'text/html' }, '<!DOCTYPE html><p>Hi</p>'),
		/a web page answered \(status 200\)\. /,
	],
	[
		'something else with status 200',
		async () => await answering(200, {}, '{"ok":true}'),
		/the server answered like a web server \(status 200\)\. /,
	],
	[
		'a proxy that asks for a login',
		async () => await answering(407),
		/a proxy asks for a login \(status 407\)\. /,
	],
	[
		'a server that refuses access',
		async () => await answering(403),
		/the server answered with status 403, which refuses access\. /,
	],
	[
		'an address that does not exist',
		async () => await answering(404),
		/there is nothing at this address \(status 404\)\. Check 'Socket URL'/,
	],
	[
		'a server that is too busy',
		async () => await answering(429, { 'Retry-After': '60' }),
		/status 429, which means too many connections\. /,
	],
	['a broken server', async () => await answering(500), /the server answered with status 500\. /],
	[
		'a server without TLS',
		async () => (await answering(200)).replace('ws:', 'wss:'),
		/the server speaks no TLS on this port\. .*ws:\/\//,
	],
	[
		'a server that closes every connection',
		async () => await listen(createTcpServer((socket) => socket.resetAndDestroy())),
		/the connection was closed before the server had answered\. /,
	],
	[
		'a server that is there, and refuses the upgrade alone',
		async () => {
			const server = createServer((_request, response) => response.writeHead(426).end());
			server.on('upgrade', (_request, socket) => {
				socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n');
			});
			return await listen(server);
		},
		/the server is there, but the upgrade to a WebSocket failed\. /,
	],
];

test.each(cases)('activation says that it met %s, and what to do', async (_, address, expected) => {
	const message = await messageFor(await address());
	expect(message).toMatch(/^The Voxfree socket could not be opened: /);
	expect(message).toMatch(expected);
});

test('a status that only the upgrade is answered with is said as well', async () => {
	voxfree.socket.refuseUpgrades({ status: 502, count: 10 });
	expect(await messageFor(voxfree.socketUrl)).toContain('(status 502)');
});

test('a server that answers nothing is given up after 15 seconds', async () => {
	const silent = await listen(createTcpServer(() => {}));
	expect(await messageFor(silent)).toMatch(
		/the server did not answer (in time|within 15 seconds)\. /,
	);
}, 40_000);

test.each([
	['CERT_HAS_EXPIRED', 'the certificate has expired'],
	['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host'],
	['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate is self-signed'],
	[
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'the certificate is of an authority that n8n does not know',
	],
	['CERT_REVOKED', 'the certificate is not trusted'],
	['EHOSTUNREACH', 'there is no route to the host'],
	['ETIMEDOUT', 'the server did not answer in time'],
])('%s, however deep in the error, means that %s', (code, cause) => {
	const inner = Object.assign(new Error('inner'), { code });
	const outer = Object.assign(new Error('outer'), { code: 'ERR_BAD_REQUEST', cause: inner });
	expect(failureByError(outer)).toMatchObject({ cause, reason: code });
});

test('a login that is refused is said in its own words', async () => {
	expect(await messageFor(voxfree.socketUrl, 'demo-nobody')).toContain('Voxfree refused the login');
});
