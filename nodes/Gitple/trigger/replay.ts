import { sleep } from 'n8n-workflow';
import type { IWebhookFunctions } from 'n8n-workflow';
import { ReplayStorage } from './ReplayStorage';
import { ReplayWindow } from './ReplayWindow';

/** What one trigger node in one workflow remembers. */
interface ReplayMemory {
	window: ReplayWindow;
	storage: ReplayStorage;
}

/** How many trigger nodes are remembered; beyond that, the one unused for longest is forgotten. */
const CAPACITY = 100;

/** Milliseconds; n8n needs several for the steps in between. */
const STORE_INTERVAL = 1;
/** How often to store at most: a response that takes longer is not worth waiting for. */
const STORE_ATTEMPTS = 5_000;

const memories = new Map<string, ReplayMemory>();

function memoryOf(functions: IWebhookFunctions): ReplayMemory {
	const key = `${functions.getWorkflow().id}:${functions.getNode().id}`;
	let memory = memories.get(key);
	if (memory === undefined) {
		const window = new ReplayWindow();
		memory = { window, storage: new ReplayStorage(window) };
	}
	// Moved to the end, so that the first one is the one unused for longest.
	memories.delete(key);
	memories.set(key, memory);
	const unused = memories.keys().next();
	if (memories.size > CAPACITY && unused.done !== true) memories.delete(unused.value);
	return memory;
}

/**
 * Whether a body has started the workflow before, as far as this process or the static data of the
 * node knows. From now on it has.
 */
export function isReplay(functions: IWebhookFunctions, body: Buffer): boolean {
	const stored = functions.getWorkflowStaticData('node').seen;
	return !memoryOf(functions).window.addIfNew(body, stored, Date.now());
}

/**
 * Puts the window into the static data of the node, which n8n saves after it has started the
 * execution and before it responds. In between, n8n forgets that the data has changed: preparing the
 * execution, it makes a second workflow around the same data and marks it as unchanged. So the change
 * is repeated until the response is sent. Saving costs n8n a write of the workflow's whole row; of
 * the requests in progress, one does it for all.
 */
export function storeWindow(functions: IWebhookFunctions): void {
	const { storage } = memoryOf(functions);
	const staticData = functions.getWorkflowStaticData('node');
	const response = functions.getResponseObject();
	const repeat = async () => {
		for (let attempt = 0; attempt < STORE_ATTEMPTS && !response.writableEnded; attempt++) {
			const snapshot = storage.snapshotFor(response);
			if (snapshot !== undefined) staticData.seen = { ...snapshot };
			await sleep(STORE_INTERVAL);
		}
	};
	void repeat();
}
