import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	checkedLink,
	linkFrom,
	pastCaches,
	withKey,
	withoutKey,
} from '../../../nodes/Lifty/api/links';
import { createDataRedactor } from '../../../nodes/shared/redact';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { requireFromCore } from '../../support/n8nEnvironment';
import { renewServices } from '../../support/n8nHost';
import { KEY, play } from './play';

const { SsrfProtectionConfig } = requireFromCore('@n8n/config') as typeof import('@n8n/config');
const { Container } = requireFromCore('@n8n/di') as typeof import('@n8n/di');

jest.setTimeout(60_000);

/** A server that nothing may ever reach. Connections count, so that https is seen as well. */
let canary: Server;
let port = 0;
let hits = 0;
let lifty: LiftySimulator;

beforeAll(async () => {
	// Read once, when n8n's filter is first asked for. n8n's protection as such stays off, as by default.
	renewServices();
	Container.get(SsrfProtectionConfig).blockedHostnames = ['blocked.example.com'];
	canary = createServer((_request, response) => response.end('{"result":"CONNECTED"}'));
	canary.on('connection', () => hits++);
	canary.listen(0, '::');
	await once(canary, 'listening');
	({ port } = canary.address() as AddressInfo);
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0 });
});
afterAll(async () => {
	renewServices();
	await lifty.close();
	canary.close();
	await once(canary, 'close');
});
beforeEach(() => {
	hits = 0;
	lifty.reset();
});

/** What would lead to the canary, or to another place inside, if it were called; `P` is the port. */
const hostile = [
	'http://127.0.0.1:P/',
	'https://127.0.0.1:P/',
	'HTTP://127.0.0.1:P/',
	'http://127.1:P/',
	'https://127.1:P/',
	'https://127.0.1:P/',
	'https://2130706433:P/',
	'https://0x7f000001:P/',
	'https://0x7f.0.0.1:P/',
	'https://0x7f.1:P/',
	'https://0177.0.0.1:P/',
	'https://017700000001:P/',
	'https://0177.0x0.0.1:P/',
	'https://127.0.0.1.:P/',
	'https://127.000.000.001:P/',
	'https://0:P/',
	'https://0.0.0.0:P/',
	'https://[::1]:P/',
	'http://[::1]:P/',
	'https://[::]:P/',
	'https://[0:0:0:0:0:0:0:1]:P/',
	'https://[::ffff:127.0.0.1]:P/',
	'https://[::ffff:7f00:1]:P/',
	'https://[::127.0.0.1]:P/',
	'https://[64:ff9b::7f00:1]:P/',
	'https://[fe80::1]:P/',
	'https://[fd00::1]:P/',
	'https://localhost:P/',
	'http://localhost:P/',
	'https://LOCALHOST:P/',
	'https://localhost.:P/',
	'https://localhost..:P/',
	'https://a.localhost:P/',
	'https://localhost.localdomain:P/',
	'https://ｌｏｃａｌｈｏｓｔ:P/',
	'https://loc\u00adalhost:P/',
	'https://loc\u200balhost:P/',
	'https://１２７.０.０.１:P/',
	'https://①②⑦.⓪.⓪.①:P/',
	'https://127。0。0。1:P/',
	'https://%6c%6f%63%61%6c%68%6f%73%74:P/',
	'https://127%2e0%2e0%2e1:P/',
	'https://lifty.example.com@127.0.0.1:P/',
	'https://lifty.example.com:443@127.0.0.1:P/',
	'https://user:word@127.0.0.1:P/',
	'https://user@lifty.example.com/',
	'https://@lifty.example.com/',
	'https://lifty.example.com\\@127.0.0.1:P/',
	'https:\\\\127.0.0.1:P/',
	'https:/\\127.0.0.1:P/',
	'https:127.0.0.1:P/',
	'https:///127.0.0.1:P/',
	'//127.0.0.1:P/',
	'127.0.0.1:P/',
	'/status',
	' https://127.0.0.1:P/',
	'\thttps://127.0.0.1:P/',
	'ht\ntps://127.0.0.1:P/',
	'https://127.0.0.1:P/\r\nX-Injected: yes',
	'https://127.0.0.1:P\u0000.example.com/',
	'https://10.0.0.1/',
	'https://172.16.0.1/',
	'https://192.168.1.1/',
	'https://169.254.169.254/latest/meta-data/',
	'http://169.254.169.254/latest/meta-data/',
	'https://[fd00:ec2::254]/',
	'https://metadata.google.internal/computeMetadata/v1/',
	'https://metadata/',
	'https://router.lan/',
	'https://printer.local/',
	'https://db.corp/',
	'https://n8n.internal/rest/settings',
	'https://1.1.168.192.in-addr.arpa/',
	'https://8.8.8.8/',
	'http://lifty.example.com/status',
	'ws://127.0.0.1:P/',
	'ftp://127.0.0.1:P/',
	'gopher://127.0.0.1:P/',
	'file:///etc/passwd',
	'data:application/json,{"result":"CONNECTED"}',
	'javascript:alert(1)',
	'blob:https://127.0.0.1:P/x',
	'unix:/var/run/docker.sock',
	'https://',
	'https://:P/',
	'https://blocked.example.com/status',
	'nonsense',
];

test('there are enough spellings', () => expect(new Set(hostile).size).toBeGreaterThan(60));

const refusal = /^Lifty returned a link( \(.+\))? that must not be followed$/;

describe.each(['status', 'QR code'])('as the address of the %s', (role) => {
	test.each(hostile)('%j is never called', async (spelling) => {
		const link = spelling.replaceAll('P/', `${port}/`).replace('P\u0000', `${port}\u0000`);
		lifty.configure(role === 'status' ? { statusUrl: link } : { tokenUrl: link });
		const operation = role === 'status' ? 'getStatus' : 'connect';
		const options = role === 'status' ? {} : { skipWhenConnected: false };
		const { error, items } = await play(lifty, { operation, options });
		expect(items).toEqual([]);
		expect(error?.message).toMatch(refusal);
		expect(error?.description).toMatch(/^It was not followed because /);
		expect(hits).toBe(0);
	});
});

test('the canary does sing, so that its silence means something', async () => {
	await fetch(`http://127.0.0.1:${port}/`);
	expect(hits).toBe(1);
});

test('a redirect to the canary is not followed', async () => {
	for (const status of [301, 302, 303, 307, 308]) {
		lifty.reset();
		lifty.failNext('redirect', 1, { at: 'status', status, to: `http://127.0.0.1:${port}/` });
		const { error } = await play(lifty, { operation: 'getStatus' });
		expect(error?.message).toBe('Lifty redirected the request to another address');
	}
	expect(hits).toBe(0);
});

test('an address of the credential’s own host that needs the key gets it; no other host does', async () => {
	const withKey = (origin: string) => `${origin}/sessions/status?k=${encodeURIComponent(KEY)}`;
	lifty.configure({ statusUrl: withKey(lifty.url) });
	await play(lifty, { operation: 'getStatus' });
	const read = lifty.requests.at(-1)!;
	expect(new URL(read.path, lifty.url).searchParams.get('k')).toBe(KEY);
	expect(read.headers.authorization).toBeUndefined();

	lifty.configure({ statusUrl: withKey('https://sessions.example.com') });
	const { error } = await play(lifty, { operation: 'getStatus' });
	expect(error?.description).toContain('would send the API key to a host other than');
	expect(JSON.stringify(error)).not.toContain(encodeURIComponent(KEY));
});

test.each(['[hidden]', KEY.slice(0, 10), `x${KEY.slice(0, -1)}`, '%5Bhidden%5D', 'a%2Fb'])(
	'%j in an address of the credential’s own host is called as it is, and gets no key',
	async (part) => {
		lifty.configure({ statusUrl: `${lifty.url}/sessions/status?k=${part}` });
		await play(lifty, { operation: 'getStatus' });
		const { path } = lifty.requests.at(-1)!;
		expect(path.replace('[hidden]', '%5Bhidden%5D')).toBe(
			`/sessions/status?k=${part.replace('[hidden]', '%5Bhidden%5D')}`,
		);
		expect(path).not.toContain(encodeURIComponent(KEY));
	},
);

test.each([
	`https://a.example.com/qr?k=${encodeURIComponent(KEY)}`,
	`https://a.example.com/qr?k=${encodeURIComponent(KEY)}&again=${encodeURIComponent(KEY)}#x`,
])('%j is kept and shown without the key, and comes back with it', (address) => {
	const link = linkFrom(address, KEY, createDataRedactor([KEY]));
	expect(JSON.stringify(link)).not.toContain(encodeURIComponent(KEY));
	expect(withoutKey(link)).toBe(address.replaceAll(encodeURIComponent(KEY), '[hidden]'));
	expect(withKey(JSON.parse(JSON.stringify(link)) as string[], KEY)).toBe(address);
});

describe('an address', () => {
	const own = new URL('https://gateway.example.com');
	const check = (link: string, ofCredential = own) => checkedLink(link, ofCredential);

	test.each([
		'https://sessions.example.com/status?session=1&ticket=a%2Fb',
		'https://sessions.example.com:8443/status',
		'https://sessions.example.com./status',
		'https://a.b.c.example.com/x@y',
		'https://sessões.example.com/',
		'https://3com.example.com/',
	])('%s of a public host passes as it is', (link) => {
		expect(check(link)).toEqual({ url: new URL(link), isOwn: false });
	});

	test('of the own host passes, with all of its origin', () => {
		expect(check('https://gateway.example.com/x').isOwn).toBe(true);
		expect(check('https://gateway.example.com:8443/x').isOwn).toBe(false);
		expect(() => check('http://gateway.example.com/x')).toThrow(refusal);
		const local = new URL('http://127.0.0.1:4803');
		expect(check('http://127.0.0.1:4803/x', local).isOwn).toBe(true);
		expect(() => check('http://127.0.0.1:4804/x', local)).toThrow(refusal);
		expect(() => check('http://u@127.0.0.1:4803/x', local)).toThrow(refusal);
	});

	test('gets the cache-buster behind its own parameters, which stay as they were signed', () => {
		const fresh = (link: string) => pastCaches(new URL(link), 7).href;
		expect(fresh('https://a.example.com/qr?s=a%20b+c~&sig=%2f%2F#top')).toBe(
			'https://a.example.com/qr?s=a%20b+c~&sig=%2f%2F&timestamp=7#top',
		);
		expect(fresh('https://a.example.com/qr')).toBe('https://a.example.com/qr?timestamp=7');
		expect(fresh('https://a.example.com/qr?')).toBe('https://a.example.com/qr?timestamp=7');
	});
});
