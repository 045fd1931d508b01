import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../../simulators/voxfree/VoxfreeSimulator';
import { runNode } from '../../support';
import { setupOf, startNewProcess, storeWith } from './setup';

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
	expect(errors.map((error) => error?.description)).toEqual(
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
