import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../../simulators/voxfree/VoxfreeSimulator';
import { runNode } from '../../support';
import { isUnknownAgent, mayConcernSession } from '../../../nodes/Voxfree/api/wire/sessionWords';
import { Recorder } from './recorder';
import { byId, setupOf, startNewProcess, storeWith } from './setup';

jest.setTimeout(30_000);

let voxfree: VoxfreeSimulator;
beforeAll(async () => (voxfree = await startVoxfree()));
afterAll(async () => await voxfree.close());
beforeEach(() => {
	voxfree.reset();
	startNewProcess();
});

test('a transfer to an agent whom Voxfree does not know costs one login in all, not one for each try', async () => {
	const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
	const [ana] = voxfree.state.agents;
	const store = storeWith(`${voxfree.applicationUrl}${SERVICES_PATH}`, {
		login: ana!.login,
		password: 'demo-password-1',
	});
	voxfree.assign(protocol, ana!.id);
	const transfer = async () =>
		await runNode(
			setupOf(store, {
				resource: 'conversation',
				operation: 'transfer',
				protocol: { __rl: true, mode: 'id', value: protocol },
				newAgentId: { __rl: true, mode: 'id', value: '99999' },
			}),
		);
	const errors = [];
	for (let tries = 1; tries <= 4; tries++) errors.push((await transfer()).error);
	// One at the beginning, and one to find out that a new session does not help.
	expect(voxfree.state.logins[ana!.id]).toBe(2);
	expect(errors.map((error) => error?.message)).toEqual(
		errors.map(() => expect.stringContaining('agente de destino não encontrado')),
	);

	// Such words do not keep a session that is really lost from being renewed.
	voxfree.forgetSession();
	const { error } = await runNode(
		setupOf(store, { resource: 'conversation', operation: 'getActive' }),
	);
	expect(error).toBeUndefined();
	expect(voxfree.state.logins[ana!.id]).toBe(3);
});

describe('words of a refusal', () => {
	it.each([
		'Agente não encontrado!',
		'agente  NÃO   localizado.',
		'sessão expirada',
		'Sessão expirada. Por favor, faça login novamente.',
		'Usuário não está logado',
		'não autenticado',
	])('that mean an unknown session and nothing else: %j', (words) => {
		expect(isUnknownAgent(words)).toBe(true);
	});

	it.each([
		'agente desconectado',
		'usuário informou um número inválido',
		'agente de destino não encontrado',
		'o usuário não foi localizado na base do contato',
		'agente não encontrado, mensagem enviada',
		'mensagem enviada - agente não encontrado',
		'usuário não autorizado',
		'atendente sem login necessário',
		'sessão de chat encerrada',
		'faça o login do cliente',
	])('that may concern the session, but do not say so: %j', (words) => {
		expect(isUnknownAgent(words)).toBe(false);
		expect(mayConcernSession(words)).toBe(true);
	});

	it.each(['número inválido', 'tag não encontrada', 'fora da janela de 24 horas', ''])(
		'that do not concern it: %j',
		(words) => {
			expect(isUnknownAgent(words)).toBe(false);
			expect(mayConcernSession(words)).toBe(false);
		},
	);

	it('are read in a time that does not grow with them', () => {
		const began = process.hrtime.bigint();
		for (const words of ['agente '.repeat(50_000), 'a'.repeat(400_000), ' '.repeat(400_000)]) {
			expect(isUnknownAgent(words)).toBe(false);
			mayConcernSession(words);
		}
		expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(200);
	});
});

describe('a send that Voxfree refuses', () => {
	let recorder: Recorder;
	beforeAll(async () => (recorder = await Recorder.start()));
	afterAll(async () => await recorder.close());
	beforeEach(() => recorder.reset());

	const send = async (store: ReturnType<typeof storeWith>, count = 1) =>
		await runNode(
			setupOf(
				store,
				{
					resource: 'message',
					operation: 'sendText',
					protocol: byId('20231130303159'),
					details: { channelId: '25', contactId: '30' },
					text: '={{ $json.text }}',
				},
				{
					items: Array.from({ length: count }, (_item, index) => ({ text: `teste ${index}` })),
					onError: 'continueRegularOutput',
				},
			),
		);
	const counts = () => ({
		logins: recorder.to('login.php').length,
		sends: recorder.to('enviaMensagem.php').length,
	});

	it.each([
		'agente desconectado',
		'usuário informou um número inválido',
		'sessão do chat invalida',
	])(
		'with %j leaves once, and the next call has a new session, but not every call',
		async (words) => {
			recorder.answers = { 'enviaMensagem.php': { retorno: `falha - ${words}` } };
			const store = storeWith(recorder.url);
			const { items } = await send(store);
			expect(items[0]?.json.error).toContain(words);
			expect(counts()).toEqual({ logins: 1, sends: 1 });
			await send(store, 50);
			expect(counts()).toEqual({ logins: 2, sends: 51 });
		},
	);

	it('with an ordinary reason leaves once, and keeps its session', async () => {
		recorder.answers = { 'enviaMensagem.php': { retorno: 'falha - número inválido' } };
		const store = storeWith(recorder.url);
		await send(store, 5);
		await send(store, 5);
		expect(counts()).toEqual({ logins: 1, sends: 10 });
	});

	it('with words cut from 300 kB leaves once and shows 200 characters', async () => {
		const words = 'agente '.repeat(43_000);
		recorder.answers = { 'enviaMensagem.php': { retorno: `falha - ${words}` } };
		const { items } = await send(storeWith(recorder.url));
		expect(String(items[0]?.json.details).length).toBeLessThan(300);
		expect(counts()).toEqual({ logins: 1, sends: 1 });
	});

	it.each(['agente não encontrado', 'Sessão expirada!'])(
		'because the session is unknown (%j) leaves again with a new one',
		async (words) => {
			recorder.answers = {
				'enviaMensagem.php': () => ({
					text: JSON.stringify({
						retorno: recorder.to('login.php').length > 1 ? 'ok' : `falha - ${words}`,
					}),
				}),
			};
			const { items } = await send(storeWith(recorder.url));
			expect(items[0]?.json.success).toBe(true);
			expect(counts()).toEqual({ logins: 2, sends: 2 });
		},
	);
});
