import { sleep } from 'n8n-workflow';
import type { IWebhookFunctions } from 'n8n-workflow';
import { ReplayStorage } from './ReplayStorage';
import { ReplayWindow } from './ReplayWindow';

/** What one trigger node in one workflow remembers. */
interface ReplayMemory {
	window: ReplayWindow;
	storage: ReplayStorage;
}

type WebhookResponse = ReturnType<IWebhookFunctions['getResponseObject']>;

/** How many trigger nodes are remembered; beyond that, the one unused for longest is forgotten. */
const CAPACITY = 100;

/** Milliseconds; n8n needs several for the steps in between. */
const STORE_INTERVAL = 1;
/** How often to store at most: a response that takes longer is not worth waiting for. */
const STORE_ATTEMPTS = 5_000;
/** After the caller has hung up: milliseconds between two looks at the response, and how many. */
const LOOK_INTERVAL = 100;
const LOOKS = 600;

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
 * node knows. If not, it counts as having done so from now on, unless n8n answers its request with a
 * status from 500 on: then n8n could not start the execution, and a repetition is to have its chance.
 * A repetition in between does not wait for that answer: waiting requests make n8n refuse others.
 */
export function isReplay(functions: IWebhookFunctions, body: Buffer): boolean {
	const { window } = memoryOf(functions);
	const stored = functions.getWorkflowStaticData('node').seen;
	if (!window.addIfNew(body, stored, Date.now())) return true;
	void isAccepted(functions.getResponseObject()).then((isStarted) => {
		if (!isStarted) window.forget(body);
	});
	return false;
}

/** Resolves when a request is answered: false if that says that n8n could not start the execution. */
async function isAccepted(response: WebhookResponse): Promise<boolean> {
	await new Promise<void>((resolve) => {
		response.once('finish', resolve);
		response.once('close', resolve);
	});
	// A caller who hangs up does not keep n8n from starting the execution and ending the response.
	for (let look = 0; look < LOOKS && !response.writableEnded; look++) await sleep(LOOK_INTERVAL);
	return response.statusCode < 500;
}

/**
 * Puts the window into the static data of the node, at most once a second. n8n saves it after it has
 * started the execution and before it responds. In between, n8n forgets that the data has changed:
 * preparing the execution, it makes a second workflow around the same data and marks it as unchanged.
 * So the change is repeated until the response is sent.
 */
export function storeWindow(functions: IWebhookFunctions): void {
	const { storage } = memoryOf(functions);
	const response = functions.getResponseObject();
	if (storage.snapshotFor(response, Date.now()) === undefined) return;
	const staticData = functions.getWorkflowStaticData('node');
	const repeat = async () => {
		for (let attempt = 0; attempt < STORE_ATTEMPTS && !response.writableEnded; attempt++) {
			const snapshot = storage.snapshotFor(response, Date.now());
			if (snapshot !== undefined) staticData.seen = { ...snapshot };
			await sleep(STORE_INTERVAL);
		}
		storage.release(response, Date.now());
	};
	void repeat();
}
