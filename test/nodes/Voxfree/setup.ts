import { VoxfreeApi } from '../../../credentials/VoxfreeApi.credentials';
import { SessionStore } from '../../../nodes/Voxfree/api/SessionStore';
import { Voxfree } from '../../../nodes/Voxfree/Voxfree.node';
import { CredentialStore, type RunOptions } from '../../support';
import { Recorder } from './recorder';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

export const PASSWORD = 'demo-senha-ção';

/** A resource locator filled in by hand. */
export const byId = (value: unknown) => ({ __rl: true, mode: 'id', value }) as IDataObject;

export const credentialData = (
	url: string,
	changes: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject => ({
	login: 'demo-agent@demo',
	password: PASSWORD,
	agentName: 'Demo Agent',
	baseUrl: url,
	servicesUrl: url,
	socketUrl: url.replace('http', 'ws'),
	session: '',
	...changes,
});

export const storeWith = (url: string, changes: ICredentialDataDecryptedObject = {}) =>
	new CredentialStore({ voxfreeApi: credentialData(url, changes) });

let sessions = new SessionStore();

/** From here on, the node runs in another process of n8n, which has not logged in yet. */
export function startNewProcess(): void {
	sessions = new SessionStore();
}

/** A provider for the tests of this file. Each of them begins with an empty record, in a new process. */
export function useRecorder(): Recorder {
	const recorder = new Recorder();
	beforeAll(async () => await recorder.listen());
	afterAll(async () => await recorder.close());
	beforeEach(() => {
		recorder.reset();
		startNewProcess();
	});
	return recorder;
}

/** A run of the node with parameters by hand. */
export const setupOf = (
	credentials: CredentialStore,
	parameters: object,
	options: Partial<RunOptions> = {},
): RunOptions => ({
	node: new Voxfree(sessions),
	credentialTypes: [VoxfreeApi],
	credentials,
	parameters: parameters as RunOptions['parameters'],
	...options,
});
