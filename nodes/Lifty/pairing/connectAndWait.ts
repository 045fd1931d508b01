import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IPairedItemData,
	ISourceData,
} from 'n8n-workflow';
import { cancelSignalOf, pause } from '../../shared/cancellation';
import { invalidInput, toNodeError } from '../../shared/errors';
import { errorItem } from '../../shared/operation/output';
import { runItems } from '../../shared/operation/runItems';
import type { Provider } from '../../shared/operation/runItems';
import type { LiftyApi } from '../api/LiftyApi';
import { look, pauseUntil } from './pairing';
import type { Look, Pairing } from './pairing';
import { fileOf, qrCodeFields } from './qrCode';

/** A bot whose number is being connected, and how its user wants that. */
export interface Waiting {
	pairing: Pairing;
	/** When waiting ends, in milliseconds since 1970. */
	deadline: number;
	/** Field of the item for the picture. */
	field: string;
	/** Whether every new picture is handed on, or the first alone. */
	refreshed: boolean;
	/** The input items that asked for it, in the run that began it. */
	items: number[];
}

/** What is kept from one pass to the next, in n8n's context of the node: plain data. */
interface Memory {
	waiting?: Waiting[];
	/** Where the first pass had its items from. */
	source?: ISourceData;
	/** Milliseconds for one request. */
	timeout?: number;
}

/** Puts a bot on the list of those that are waited for; a second item for it joins the first. */
export function waitFor(functions: IExecuteFunctions, entry: Omit<Waiting, 'items'>, item: number) {
	const memory = functions.getContext('node') as Memory;
	const waiting = (memory.waiting ??= []);
	const known = waiting.find(({ pairing }) => pairing.botId === entry.pairing.botId);
	if (known !== undefined) known.items.push(item);
	else waiting.push({ ...entry, items: [item] });
	const source = functions.getInputSourceData();
	memory.source = source;
}

/**
 * One pass of Connect and Wait. A node of n8n hands its items on only when it returns, so waiting
 * and sending the picture meanwhile takes several passes, as in Loop Over Items:
 *
 * 1. The first pass starts the connections, and returns as soon as there is a picture.
 * 2. The workflow sends it to somebody, and leads back to this node.
 * 3. This and every further pass starts nothing, but waits until there is another picture or an end.
 *    What flows in is not looked at: who is waited for is kept in n8n's context of the node.
 *
 * A pass returns pictures on the second output, or nothing but ends on the first.
 */
export async function connectAndWait(
	functions: IExecuteFunctions,
	provider: Provider<LiftyApi>,
): Promise<INodeExecutionData[][]> {
	const memory = functions.getContext('node') as Memory;
	if ((memory.waiting ?? []).length > 0) return await wait(functions, provider, memory, []);

	checkLoop(functions);
	let begun = false;
	try {
		const [done = []] = await runItems(functions, provider);
		({ timeout: memory.timeout } = functions.getNodeParameter('options', 0, {}) as Memory);
		begun = true;
		return await wait(functions, provider, memory, done);
	} finally {
		// Nobody is waited for in a pass that did not begin; a further try begins anew.
		if (!begun) memory.waiting = [];
	}
}

function checkLoop(functions: IExecuteFunctions) {
	const { name } = functions.getNode();
	// n8n leaves the node itself out of both lists, but who stands before and behind it is in a loop.
	const before = new Set(functions.getParentNodes(name).map((node) => node.name));
	if (functions.getChildNodes(name).some((node) => before.has(node.name))) return;
	const unconnected = invalidInput(
		"The output 'QR Code' does not lead back to this node",
		"Connect 'QR Code' to the nodes that show or send the picture, and the last of them to the input of this node: it waits there for the scan. Nothing was started. Without such a loop, and as a tool of an AI agent, use Connect and Get Status.",
	);
	throw toNodeError(functions.getNode(), unconnected, (text) => text);
}

async function wait(
	functions: IExecuteFunctions,
	provider: Provider<LiftyApi>,
	memory: Memory,
	done: INodeExecutionData[],
): Promise<INodeExecutionData[][]> {
	const pictures: INodeExecutionData[] = [];
	if ((memory.waiting ?? []).length === 0) return [done, pictures];

	const { api, redact } = await provider.connect(functions, memory.timeout);
	const cancelSignal = cancelSignalOf(functions);
	const failureOf = (error: unknown, item?: number) =>
		toNodeError(functions.getNode(), error, redact, item);

	for (;;) {
		const waiting = memory.waiting ?? [];
		const looks = await Promise.all(
			waiting.map(
				async (entry) =>
					await look(api, entry.pairing, entry.deadline).then(
						(seen) => ({ entry, seen }),
						(error: unknown) => ({ entry, error }),
					),
			),
		);
		const open: Waiting[] = [];
		for (const found of looks) {
			const { entry } = found;
			const pairedItem = pairingOf(entry, memory.source);
			if ('error' in found) {
				const failure = failureOf(found.error, entry.items[0]);
				if (!functions.continueOnFail()) throw failure;
				done.push(errorItem(failure, pairedItem));
				continue;
			}
			const { seen } = found;
			if (seen.end !== undefined) {
				done.push({ json: endOf(entry.pairing, seen), pairedItem });
				continue;
			}
			open.push(entry);
			const { picture } = seen;
			if (picture === undefined || seen.isNew !== true) continue;
			if (!entry.refreshed && entry.pairing.pictures > 1) continue;
			pictures.push({
				json: qrCodeFields(entry.pairing),
				binary: { [entry.field]: await fileOf(functions, picture) },
				pairedItem,
			});
		}
		memory.waiting = open;
		if (pictures.length > 0 || open.length === 0) return [done, pictures];

		const least = Math.min(...open.map(({ deadline }) => pauseUntil(deadline)));
		await pause(least, cancelSignal).catch((error: unknown) => {
			throw failureOf(error);
		});
	}
}

/** The input item behind an output item: one of the first pass, whatever flowed in since. */
function pairingOf({ items }: Waiting, source: ISourceData | undefined): IPairedItemData[] {
	return items.map((item) => ({
		item,
		...(source === undefined ? {} : { sourceOverwrite: source }),
	}));
}

function endOf(pairing: Pairing, { end, trouble }: Look): IDataObject {
	return {
		botId: pairing.botId,
		outcome: end,
		connected: end === 'connected',
		status: pairing.status,
		qrCodes: pairing.pictures,
		waitedSeconds: Math.round((Date.now() - pairing.startedAt) / 1000),
		...(trouble === undefined ? {} : { lastTrouble: trouble.message }),
	};
}
