import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VoxfreeApi } from '../../../credentials/VoxfreeApi.credentials';
import { ProviderError } from '../../../nodes/shared/errors';
import type { JsonValue } from '../../../nodes/shared/json';
import { logIn, type Session } from '../../../nodes/Voxfree/api/login';
import { CredentialSession, SessionStore } from '../../../nodes/Voxfree/api/SessionStore';
import { listSearch, runNode, testCredential } from '../../support';
import loginAnswer from '../../fixtures/voxfree/answer-login.json';
import refusedAnswer from '../../fixtures/voxfree/answer-login-refused.json';
import login from '../../fixtures/voxfree/request-login.json';
import { Recorder } from './recorder';
import {
	credentialData,
	PASSWORD,
	setupOf,
	startNewProcess,
	storeWith,
	useRecorder,
} from './setup';
import MD5 from 'crypto-js/md5';

jest.setTimeout(30_000);

const recorder = useRecorder();

const getActive = { resource: 'conversation', operation: 'getActive' };
const getSession = { resource: 'agent', operation: 'getSession' };
const logins = () => recorder.to('login.php').length;
const items = (count: number) => Array.from({ length: count }, (_item, index) => ({ index }));
/** The session from a login that was answered with this. */
const sessionFrom = async (answer: unknown, loggedInAt = new Date()): Promise<Session> => {
	const session = await logIn(
		async () => await Promise.resolve({ status: 200, headers: {}, body: answer as JsonValue }),
		recorder.url,
	);
	return { ...session, loggedInAt: loggedInAt.toISOString() };
};
const everythingOf = (run: unknown) => JSON.stringify(run);

describe('the session of a credential', () => {
	it('begins with one login for all items of an execution', async () => {
		const { error } = await runNode(
			setupOf(storeWith(recorder.url), getActive, { items: items(50) }),
		);
		expect(error).toBeUndefined();
		expect(recorder.to('chatsAtivos.php')).toHaveLength(50);
		expect(logins()).toBe(1);
	});

	it('is shared by executions that run at once', async () => {
		const store = storeWith(recorder.url);
		const runs = await Promise.all(
			items(20).map(async () => await runNode(setupOf(store, getActive))),
		);
		expect(runs.map(({ error }) => error)).toEqual(items(20).map(() => undefined));
		expect(logins()).toBe(1);
	});

	it('is begun anew by those who waited for a login that was stopped with its execution', async () => {
		let stop: (error: Error) => void = () => {};
		const stopped = new Promise<Session>((_resolve, reject) => (stop = reject));
		const session = await sessionFrom(loginAnswer);
		const credentials = { login: 'demo-agent@demo', password: PASSWORD, baseUrl: recorder.url };
		const sessions = new SessionStore();
		const first = new CredentialSession(sessions, credentials, async () => await stopped).current();
		const second = new CredentialSession(sessions, credentials, async () => session).current();
		stop(new ProviderError('The execution was canceled', { kind: 'cancelled' }));
		await expect(first).rejects.toThrow('The execution was canceled');
		expect(await second).toBe(session);
	});

	it('is kept by n8n with the credential, so that another worker does not log in', async () => {
		const store = storeWith(recorder.url);
		await runNode(setupOf(store, getActive));
		expect(String(store.get('voxfreeApi').session)).toContain('"agentId":"61"');
		startNewProcess();
		await runNode(setupOf(store, getActive));
		expect(logins()).toBe(1);
		expect(recorder.to('chatsAtivos.php').map(({ body }) => body)).toEqual([
			{ id_agente: '61', codid_cliente: '1' },
			{ id_agente: '61', codid_cliente: '1' },
		]);
	});

	it('is stored without password, hash, two-factor code and SIP password', async () => {
		const store = storeWith(recorder.url);
		await runNode(setupOf(store, getActive));
		const stored = String(store.get('voxfreeApi').session);
		for (const secret of [PASSWORD, login.senha, '424242', 'demo-sip-password']) {
			expect(stored).not.toContain(secret);
		}
	});

	it('is not used any more when the credential stands for another agent', async () => {
		const store = storeWith(recorder.url);
		await runNode(setupOf(store, getActive));
		startNewProcess();
		store.set('voxfreeApi', { ...store.get('voxfreeApi'), login: 'other-agent@demo' });
		await runNode(setupOf(store, getActive));
		expect(recorder.to('login.php').map(({ body }) => body)).toEqual([
			login,
			{ ...login, login: 'other-agent@demo' },
		]);
	});

	it('is not used any more when the credential has another address', async () => {
		const elsewhere = await Recorder.start();
		try {
			const store = storeWith(recorder.url);
			await runNode(setupOf(store, getActive));
			expect(logins()).toBe(1);
			store.set('voxfreeApi', {
				...credentialData(elsewhere.url),
				session: store.get('voxfreeApi').session ?? '',
			});
			const { error } = await runNode(setupOf(store, getActive));
			expect(error).toBeUndefined();
			expect(elsewhere.to('login.php').map(({ body }) => body)).toEqual([login]);
			expect(elsewhere.to('chatsAtivos.php')).toHaveLength(1);
			expect(recorder.to('chatsAtivos.php')).toHaveLength(1);
		} finally {
			await elsewhere.close();
		}
	});

	it('is begun anew when what is stored is damaged', async () => {
		const store = storeWith(recorder.url, { session: '{"owner":' });
		const { error } = await runNode(setupOf(store, getActive));
		expect(error).toBeUndefined();
		expect(logins()).toBe(1);
	});

	it.each([
		'falha - agente não encontrado',
		'Falha - Usuário não logado',
		'FALHA: sessão expirada',
	])('is renewed by the node when Voxfree answers %j', async (words) => {
		let known = false;
		recorder.answers = {
			'login.php': () => {
				known = logins() > 1;
				return { text: JSON.stringify(loginAnswer) };
			},
			'chatsAtivos.php': () => ({
				text: JSON.stringify(known ? [{ protocolo: '20231130303159' }] : { retorno: words }),
			}),
		};
		const store = storeWith(recorder.url);
		const { items: output, error } = await runNode(setupOf(store, getActive));
		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.protocol)).toEqual(['20231130303159']);
		expect(logins()).toBe(2);
		expect(recorder.to('chatsAtivos.php')).toHaveLength(2);
	});

	it('is renewed once for all items that find it lost', async () => {
		recorder.answers = {
			'chatsAtivos.php': () => ({
				text: JSON.stringify(logins() > 1 ? [] : { retorno: 'falha - agente desconhecido' }),
			}),
		};
		const { error } = await runNode(
			setupOf(storeWith(recorder.url), getActive, { items: items(10) }),
		);
		expect(error).toBeUndefined();
		expect(logins()).toBe(2);
	});

	it('is renewed no more than once for a call', async () => {
		recorder.answers = { 'chatsAtivos.php': { retorno: 'falha - agente não encontrado' } };
		const { error } = await runNode(setupOf(storeWith(recorder.url), getActive));
		expect(error?.message).toBe('Voxfree did not accept the request: agente não encontrado');
		expect(recorder.to('chatsAtivos.php')).toHaveLength(2);
		expect(logins()).toBe(2);
	});

	it('serves the lists of the editor too', async () => {
		const store = storeWith(recorder.url);
		await runNode(setupOf(store, getActive));
		recorder.answers = { 'buscaDepartamentos.php': [{ codid: '9', nome: 'Finance' }] };
		const { results } = await listSearch({
			...setupOf(store, getActive),
			method: 'searchDepartments',
		});
		expect(results).toEqual([{ name: 'Finance', value: '9' }]);
		expect(logins()).toBe(1);
	});
});

describe('a refused login', () => {
	beforeEach(() => (recorder.answers = { 'login.php': refusedAnswer }));

	it('is one request and one clear sentence, whatever the number of items', async () => {
		const run = await runNode(setupOf(storeWith(recorder.url), getActive, { items: items(30) }));
		expect(run.error?.message).toMatch(/^Voxfree refused the login: Usuário ou senha inválido/);
		expect(run.error?.description).toContain('Check login and password in the credential');
		expect(recorder.calls).toHaveLength(0);
		expect(logins()).toBeLessThanOrEqual(3);
		expect(everythingOf(run.run)).not.toContain(PASSWORD);
		expect(everythingOf(run.run)).not.toContain(login.senha);
	});

	it('is tried three times at most, and then not again', async () => {
		const store = storeWith(recorder.url);
		const messages: unknown[] = [];
		for (let run = 0; run < 8; run++) {
			messages.push((await runNode(setupOf(store, getActive))).error?.message);
		}
		expect(logins()).toBe(3);
		expect(messages.slice(0, 3)).toEqual(
			Array(3).fill('Voxfree refused the login: Usuário ou senha inválido!!!'),
		);
		expect(new Set(messages.slice(3))).toEqual(
			new Set([
				'Voxfree refused the login three times, so it is not tried again: Usuário ou senha inválido!!!',
			]),
		);
	});

	it('is tried again with another password', async () => {
		const store = storeWith(recorder.url);
		for (let run = 0; run < 4; run++) await runNode(setupOf(store, getActive));
		recorder.answers = {};
		store.set('voxfreeApi', { ...store.get('voxfreeApi'), password: 'demo-other-password' });
		const { error } = await runNode(setupOf(store, getActive));
		expect(error).toBeUndefined();
		expect(logins()).toBe(4);
	});

	it('goes on for every item when the node continues on failure, with the login asked at most three times', async () => {
		const { items: output } = await runNode(
			setupOf(storeWith(recorder.url), getActive, {
				items: items(12),
				onError: 'continueRegularOutput',
			}),
		);
		expect(output).toHaveLength(12);
		expect(logins()).toBeLessThanOrEqual(3);
	});
});

describe('a login that is answered strangely', () => {
	it.each([
		['a web page', '<html><body>Maintenance</body></html>'],
		[
			'a warning of PHP before JSON',
			`Warning: mysqli() in x.php<br>${JSON.stringify(loginAnswer)}`,
		],
		['truncated JSON', JSON.stringify(loginAnswer).slice(0, -20)],
		['nothing', ''],
		['JSON without the agent', '{"retorno":"ok"}'],
	])('with %s ends the execution without quoting any of it', async (_what, text) => {
		recorder.answers = { 'login.php': () => ({ text }) };
		const run = await runNode(setupOf(storeWith(recorder.url), getActive));
		expect(run.error?.message).toMatch(/^Voxfree returned/);
		expect(run.error?.description).toContain("'Application URL'");
		expect(recorder.calls).toHaveLength(0);
		for (const secret of ['demo-sip-password', '424242', PASSWORD, login.senha, 'mysqli']) {
			expect(everythingOf(run.run)).not.toContain(secret);
		}
	});
});

describe('the password', () => {
	it.each(['demo', 'demo-senha-ção', '5f4dcc3b5aa765d61d8327deb882cf99', ' demo 🔑 '])(
		'%j is sent as the MD5 of its UTF-8 bytes, even when it looks like a hash',
		async (password) => {
			await runNode(setupOf(storeWith(recorder.url, { password }), getActive));
			expect(recorder.to('login.php')[0]?.body).toEqual({
				login: 'demo-agent@demo',
				senha: MD5(password).toString(),
			});
		},
	);

	it.each(['demo-senha-ção', 'short'])(
		'%j and its hash are hidden when Voxfree repeats them',
		async (password) => {
			const hash = MD5(password).toString();
			recorder.answers = { 'chatsAtivos.php': { retorno: `falha - ${hash} ${password}` } };
			const { run } = await runNode(setupOf(storeWith(recorder.url, { password }), getActive));
			expect(everythingOf(run)).not.toContain(hash);
			if (password.length > 5) expect(everythingOf(run)).not.toContain(password);
		},
	);

	it('that is new is hidden as well, when changing it fails', async () => {
		recorder.answers = {
			'alterarSenha.php': { error: 1, message: 'no: demo-new-password' },
		};
		const { run, error } = await runNode(
			setupOf(storeWith(recorder.url), {
				resource: 'agent',
				operation: 'changePassword',
				newPassword: '={{ "demo-new-" + "password" }}',
			}),
		);
		expect(error?.message).toBe('Voxfree did not accept the request: no: [hidden]');
		expect(JSON.stringify(run.data.resultData)).not.toContain('demo-new-password');
	});

	it.each(['demo-new-password', 'ok', '5', 'true', 'retorno', 'a"b', 'demo\\n', 'ção'])(
		'that is new, %j, is hidden in the values of the answer, and so is its hash',
		async (newPassword) => {
			const hash = MD5(newPassword).toString();
			const answer = {
				retorno: 'ok!',
				senha: newPassword,
				texto: `para ${newPassword}, ${hash.toUpperCase()}`,
				lista: [hash, 5, true, `x${newPassword}x`],
			};
			recorder.answers = { 'alterarSenha.php': answer };
			const { items } = await runNode(
				setupOf(storeWith(recorder.url), {
					resource: 'agent',
					operation: 'changePassword',
					newPassword,
					simplify: false,
				}),
			);
			expect(items.map(({ json }) => json.answer)).toEqual([
				{
					retorno: newPassword === 'ok' ? '[hidden]!' : 'ok!',
					senha: '[hidden]',
					texto: 'para [hidden], [hidden]',
					lista: ['[hidden]', 5, true, `x${newPassword}x`],
				},
			]);
		},
	);
});

describe('Get Session Info', () => {
	it('tells who the agent is, without the two-factor code and the SIP password', async () => {
		const { items: output, run } = await runNode(setupOf(storeWith(recorder.url), getSession));
		expect(output.map(({ json }) => json)).toEqual([
			{
				agentId: '61',
				accountId: '1',
				photoUrl: 'https://files.example.test/61.png',
				mustChangePassword: false,
				twoFactorAuthentication: true,
				telephony: true,
				callCenter: false,
				omnichannel: true,
				extension: {
					number: '2101',
					username: '1_2101',
					domain: 'sip.example.test:50031',
					transport: 'udp',
				},
				loggedInAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
			},
		]);
		expect(everythingOf(run)).not.toContain('demo-sip-password');
		expect(everythingOf(run)).not.toContain('424242');
	});
});

describe('a session', () => {
	it.each([
		['callcenter', 'callCenter'],
		['omnichannel', 'omnichannel'],
	] as const)('leaves open what the login leaves open: %s', async (theirs, ours) => {
		const read = async (value: unknown) =>
			(await sessionFrom({ ...without(theirs), [theirs]: value }))[ours];
		expect(await Promise.all([null, '', '0', 1, '1'].map(read))).toEqual([
			undefined,
			false,
			false,
			true,
			true,
		]);
		expect((await sessionFrom(without(theirs)))[ours]).toBeUndefined();
	});

	const without = (name: string) =>
		Object.fromEntries(
			Object.entries(loginAnswer).filter(([key]) => key.toLowerCase() !== name.toLowerCase()),
		);

	it.each(['id_agente', 'codid_cliente'])('is none without "%s"', async (name) => {
		await expect(sessionFrom(without(name))).rejects.toThrow(
			'Voxfree returned no agent ID at the login',
		);
	});

	it('is the later one of memory and of what n8n has stored', async () => {
		const credentials = { login: 'demo', password: PASSWORD, baseUrl: 'http://127.0.0.1' };
		const at = async (seconds: number) => await sessionFrom(loginAnswer, new Date(seconds * 1000));
		const sessions = new SessionStore();
		await new CredentialSession(sessions, credentials, async () => await at(100)).current();
		const stored = async (seconds: number) => ({
			...credentials,
			session: JSON.stringify({ owner: 'demo http://127.0.0.1', session: await at(seconds) }),
		});
		const never = async () => await Promise.reject<Session>(new Error('no login is needed'));
		expect(
			(await new CredentialSession(sessions, await stored(99), never).current()).loggedInAt,
		).toBe((await at(100)).loggedInAt);
		expect(
			(await new CredentialSession(sessions, await stored(101), never).current()).loggedInAt,
		).toBe((await at(101)).loggedInAt);
	});

	it('is given to n8n once, and not when it was known already', async () => {
		const credentials = { login: 'demo', password: PASSWORD, baseUrl: 'http://127.0.0.2' };
		const session = await sessionFrom(loginAnswer);
		const sessions = new SessionStore();
		const first = new CredentialSession(sessions, credentials, async () => session);
		expect(first.takeUnsaved()).toBeUndefined();
		await first.current();
		expect(first.takeUnsaved()).toMatchObject({
			session: '',
			newSession: expect.any(String) as string,
		});
		expect(first.takeUnsaved()).toBeUndefined();
		const second = new CredentialSession(sessions, credentials, async () => session);
		await second.current();
		expect(second.takeUnsaved()).toBeUndefined();
	});

	it('of a credential without its fields is asked for like any other', async () => {
		const session = await sessionFrom(loginAnswer);
		expect(await new CredentialSession(new SessionStore(), {}, async () => session).current()).toBe(
			session,
		);
	});
});

describe('with the clock in the hands of the test', () => {
	let now = 1_000_000;
	const credentials = (name: string) => ({ login: name, password: PASSWORD, baseUrl: 'http://x' });
	const refused = () => new ProviderError('refused', { kind: 'refused', httpStatus: 200 });
	const quarter = 15 * 60 * 1000;

	it('a login that was refused three times is tried again after 15 minutes', async () => {
		let tried = 0;
		const keeper = new CredentialSession(
			new SessionStore(() => now),
			credentials('a'),
			async () => {
				tried++;
				return await Promise.reject<Session>(refused());
			},
		);
		const attempt = async () => await keeper.current().catch(({ message }: Error) => message);
		for (let tries = 0; tries < 3; tries++) expect(await attempt()).toBe('refused');
		now += quarter - 1;
		expect(await attempt()).toContain('not tried again');
		expect(tried).toBe(3);
		now += 1;
		expect(await attempt()).toBe('refused');
		// What was refused long ago does not count any more.
		expect(await attempt()).toBe('refused');
		expect(await attempt()).toBe('refused');
		expect(await attempt()).toContain('not tried again');
		expect(tried).toBe(6);
	});

	it('a login that failed for another reason is tried again at once', async () => {
		let tried = 0;
		const keeper = new CredentialSession(new SessionStore(), credentials('b'), async () => {
			tried++;
			return await Promise.reject<Session>(new ProviderError('late', { kind: 'late' }));
		});
		for (let tries = 0; tries < 5; tries++) await expect(keeper.current()).rejects.toThrow('late');
		expect(tried).toBe(5);
	});

	it('a login that works makes up for refusals before it', async () => {
		const outcomes = [refused(), refused(), undefined, refused(), refused(), refused()];
		const session = async () => await sessionFrom(loginAnswer, new Date(now++));
		const keeper = new CredentialSession(new SessionStore(), credentials('c'), async () => {
			const failure = outcomes.shift();
			return failure === undefined ? await session() : await Promise.reject<Session>(failure);
		});
		for (let tries = 0; tries < 2; tries++) await expect(keeper.current()).rejects.toThrow();
		let stale = await keeper.current();
		for (let tries = 0; tries < 3; tries++) {
			await expect(keeper.renew(stale)).rejects.toThrow('refused');
		}
		await expect(keeper.renew(stale)).rejects.toThrow('not tried again');
		stale = await keeper.current();
		expect(stale.agentId).toBe('61');
	});

	it('words that a new session did not help against are no reason to log in for 15 minutes', async () => {
		const keeper = new CredentialSession(
			new SessionStore(() => now),
			credentials('d'),
			async () => await sessionFrom(loginAnswer),
		);
		keeper.markReloginUseless('/a.php', 'words');
		expect(keeper.shouldRelogin('/a.php', 'words')).toBe(false);
		expect(keeper.shouldRelogin('/b.php', 'words')).toBe(true);
		expect(keeper.shouldRelogin('/a.php', 'others')).toBe(true);
		now += quarter - 1;
		expect(keeper.shouldRelogin('/a.php', 'words')).toBe(false);
		now += 1;
		expect(keeper.shouldRelogin('/a.php', 'words')).toBe(true);
	});

	it('such words are forgotten when there are too many of them', async () => {
		const keeper = new CredentialSession(
			new SessionStore(() => now),
			credentials('e'),
			async () => await sessionFrom(loginAnswer),
		);
		await keeper.current();
		for (let count = 0; count <= 100; count++) keeper.markReloginUseless('/a.php', `${count}`);
		expect(keeper.shouldRelogin('/a.php', '99')).toBe(true);
		expect(keeper.shouldRelogin('/a.php', '100')).toBe(false);
	});
});

describe('a login', () => {
	it('is tried again when Voxfree cannot answer it now', async () => {
		recorder.answers = {
			'login.php': () =>
				logins() === 1 ? { status: 503, text: '' } : { text: JSON.stringify(loginAnswer) },
		};
		const { error } = await runNode(setupOf(storeWith(recorder.url), getActive));
		expect(error).toBeUndefined();
		expect(logins()).toBe(2);
	});

	it('goes out with the login trimmed, to an address trimmed', async () => {
		const store = storeWith(recorder.url, {
			login: ' demo-agent@demo ',
			baseUrl: ` ${recorder.url}// `,
		});
		const { error } = await runNode(setupOf(store, getActive));
		expect(error).toBeUndefined();
		expect(recorder.requests.map(({ service }) => service)).toEqual([
			'login.php',
			'chatsAtivos.php',
		]);
		expect(recorder.to('login.php')[0]?.body).toEqual(login);
	});

	it.each([
		[' Gilles ', 'Gilles'],
		['', 'demo-agent'],
	])('with the display name %j signs messages as %s', async (agentName, name) => {
		await runNode(
			setupOf(storeWith(recorder.url, { agentName }), {
				resource: 'message',
				operation: 'sendText',
				protocol: { __rl: true, mode: 'id', value: '1' },
				text: 'x',
				details: { channelId: '25', contactId: '30' },
			}),
		);
		expect(recorder.to('enviaMensagem.php')[0]?.body).toMatchObject({ nome_agente: name });
	});
});

describe('the test of the credential', () => {
	const test = async () =>
		await testCredential({ credentialType: VoxfreeApi, data: credentialData(`${recorder.url}/`) });

	it('succeeds when Voxfree takes the login', async () => {
		expect((await test()).status).toBe('OK');
		expect(recorder.requests.map(({ service, body }) => ({ service, body }))).toEqual([
			{ service: 'login.php', body: login },
		]);
	});

	it.each([1, '1'])('fails when Voxfree answers status 200 with "error": %j', async (error) => {
		recorder.answers = { 'login.php': { error, descricao: 'no' } };
		expect(await test()).toMatchObject({
			status: 'Error',
			message: 'Voxfree refused the login. Check login and password.',
		});
	});

	it.each([
		['no agent', '{"retorno":"ok"}'],
		['an empty agent', '{"retorno":"ok","id_agente":""}'],
		['agent null', '{"id_agente":null}'],
		['"success": false', '{"success":false}'],
		['a web page', '<!doctype html><title>Hello</title>'],
		['nothing', ''],
		['a list', '[{"id":1}]'],
	])('fails when Voxfree answers with %s', async (_what, text) => {
		recorder.answers = { 'login.php': () => ({ text }) };
		expect(await test()).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^The answer does not name the agent/) as string,
		});
	});

	it.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (status) => {
		const calls: string[] = [];
		const server = createServer((request, response) => {
			calls.push(request.url ?? '');
			request.resume();
			response.writeHead(status, { location: '/elsewhere' }).end();
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const { port } = server.address() as AddressInfo;
		const result = await testCredential({
			credentialType: VoxfreeApi,
			data: credentialData(`http://127.0.0.1:${port}/mobile/`),
		});
		server.close();
		expect(result.status).toBe('Error');
		expect(calls).toEqual(['/mobile/login.php']);
	});
});
