import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IPairedItemData,
	ISourceData,
} from 'n8n-workflow';
import { cancelSignalOf, pause } from '../../shared/cancellation';
import { toNodeError } from '../../shared/errors';
import type { RequestLimits } from '../../shared/http/types';
import { errorItem } from '../../shared/operation/output';
import { runItems } from '../../shared/operation/runItems';
import type { Provider } from '../../shared/operation/runItems';
import type { LiftyApi } from '../api/LiftyApi';
import { cameBack, faultInLoop } from './loop';
import { checkPairing, pauseUntil } from './pairing';
import type { Pairing, PairingCheck } from './pairing';
import { fileOf, qrCodeFields } from './qrCode';

/** A pairing in progress, and how to report it. */
export interface Waiting {
	pairing: Pairing;
	/** When to stop waiting, in milliseconds since 1970. */
	deadline: number;
	/** Name of the item's field for the picture. */
	field: string;
	/** Whether to output every new picture, or only the first. */
	refreshed: boolean;
	/** The input items that asked for it, in the run that started it. */
	items: number[];
}

/** What n8n's context of the node keeps from one pass to the next: plain data. */
interface Memory {
	waiting?: Waiting[];
	/** Where the items of the first pass came from. */
	source?: ISourceData;
	limits?: RequestLimits;
}

/** Adds a pairing to those to wait for; a second item for the same bot joins the first. */
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
 * One pass of Connect and Wait. An n8n node outputs its items only when it returns, so waiting while
 * the picture is being sent takes several passes, as in Loop Over Items:
 *
 * 1. The first pass starts the connections and returns as soon as there is a picture.
 * 2. The workflow sends it to someone and leads back to this node.
 * 3. Every further pass starts nothing, but waits for another picture or an end. It ignores its input:
 *    the pairings to wait for are in n8n's context of the node.
 *
 * A pass returns pictures on the second output, or only results on the first.
 */
export async function connectAndWait(
	functions: IExecuteFunctions,
	provider: Provider<LiftyApi>,
): Promise<INodeExecutionData[][]> {
	const memory = functions.getContext('node') as Memory;
	if ((memory.waiting ?? []).length > 0) return await wait(functions, provider, memory, []);

	checkLoop(functions);
	// Where branches of the loop meet before its last node, it comes back more than once.
	if (cameBack(functions)) return [[], []];
	let started = false;
	try {
		const [done = []] = await runItems(functions, {
			...provider,
			connect: async (connected, limits) => {
				memory.limits = limits;
				return await provider.connect(connected, limits);
			},
		});
		started = true;
		return await wait(functions, provider, memory, done);
	} finally {
		// After a pass that failed to start there is nothing to wait for; a retry starts again.
		if (!started) memory.waiting = [];
	}
}

function checkLoop(functions: IExecuteFunctions) {
	const fault = faultInLoop(functions);
	if (fault !== undefined) throw toNodeError(functions.getNode(), fault, (text) => text);
}

async function wait(
	functions: IExecuteFunctions,
	provider: Provider<LiftyApi>,
	memory: Memory,
	done: INodeExecutionData[],
): Promise<INodeExecutionData[][]> {
	const pictures: INodeExecutionData[] = [];
	if ((memory.waiting ?? []).length === 0) return [done, pictures];

	const { api, redact } = await provider.connect(functions, memory.limits ?? {});
	const cancelSignal = cancelSignalOf(functions);
	const failureOf = (error: unknown, item?: number) =>
		toNodeError(functions.getNode(), error, redact, item);

	for (;;) {
		const waiting = memory.waiting ?? [];
		const checks = await Promise.all(
			waiting.map(
				async (entry) =>
					await checkPairing(api, entry.pairing, entry.deadline).then(
						(check) => ({ entry, check }),
						(error: unknown) => ({ entry, error }),
					),
			),
		);
		const open: Waiting[] = [];
		for (const found of checks) {
			const { entry } = found;
			const pairedItem = pairingOf(entry, memory.source);
			if ('error' in found) {
				const failure = failureOf(found.error, entry.items[0]);
				if (!functions.continueOnFail()) throw failure;
				done.push(errorItem(failure, pairedItem));
				continue;
			}
			const { check } = found;
			if (check.end !== undefined) {
				done.push({ json: resultOf(entry.pairing, check), pairedItem });
				continue;
			}
			open.push(entry);
			const { picture } = check;
			if (picture === undefined || check.isNew !== true) continue;
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

/** The input items behind an output item: those of the first pass, whatever came in since. */
function pairingOf({ items }: Waiting, source: ISourceData | undefined): IPairedItemData[] {
	return items.map((item) => ({
		item,
		...(source === undefined ? {} : { sourceOverwrite: source }),
	}));
}

function resultOf(pairing: Pairing, { end, trouble }: PairingCheck): IDataObject {
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
