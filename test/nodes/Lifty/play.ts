import { LiftyApi } from '../../../credentials/LiftyApi.credentials';
import { Lifty } from '../../../nodes/Lifty/Lifty.node';
import type { LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { runNode, type RunOptions } from '../../support';

export const BOT = 'demo-bot-vendas';
export const OTHER_BOT = 'demo-bot-suporte';
export const KEY = 'demo-lifty-key/with+signs=&more';

export const credentialFor = (lifty: LiftySimulator, more: object = {}) => ({
	liftyApi: { apiKey: KEY, botId: '', baseUrl: lifty.apiUrl, ...more },
});

/** Runs the Lifty node against a simulator. */
export async function play(
	lifty: LiftySimulator,
	parameters: object,
	{ credential, ...options }: Partial<RunOptions> & { credential?: object } = {},
) {
	return await runNode({
		node: Lifty,
		credentialTypes: [LiftyApi],
		credentials: credentialFor(lifty, credential),
		parameters: { resource: 'session', botId: BOT, ...parameters } as RunOptions['parameters'],
		...options,
	});
}

/** What was asked of the gateway itself, by path, without the key. */
export function asked(lifty: LiftySimulator): string[] {
	return lifty.requests
		.filter((request) => lifty.partOf(request) === 'api')
		.map(({ method, path }) => `${method} ${path.replace(/[?&]key=[^&]*/, '')}`);
}
