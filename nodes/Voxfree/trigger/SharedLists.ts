import { isCancelled } from '../../shared/cancellation';
import { ProviderError } from '../../shared/errors';
import type { VoxfreeApi } from '../api/VoxfreeApi';

/** The call that reads one of the two lists of conversations. */
export type ListsApi = Pick<VoxfreeApi, 'listConversations'>;

type Place = Parameters<ListsApi['listConversations']>[0];
type List = Awaited<ReturnType<ListsApi['listConversations']>>;

interface Reading {
	/** By whose calls. */
	api: ListsApi;
	list: Promise<List>;
}

/**
 * Reads each list once for all triggers of an agent that ask at about the same time. Nobody gets a list
 * that was read before they asked.
 */
export class SharedLists {
	/** The readings that are to begin in a moment. */
	private readonly coming = new Map<Place, Reading>();

	/** @param gather waits for others to ask as well */
	constructor(private readonly gather: () => Promise<void>) {}

	/** The calls of one trigger, shared with others. */
	sharing(api: ListsApi): ListsApi {
		return { listConversations: async (place) => await this.read(place, api) };
	}

	private async read(place: Place, api: ListsApi): Promise<List> {
		const reading = this.coming.get(place) ?? { api, list: this.begin(place, api) };
		this.coming.set(place, reading);
		if (reading.api === api) return await reading.list;
		const isInVain = await reading.list.then(() => false, concernsOneTrigger);
		if (isInVain) return await api.listConversations(place);
		// Each trigger gets its own, because a workflow may change what it was given.
		const list = await reading.list;
		const { entries, answer } = list;
		return { ...list, entries: structuredClone(entries), answer: structuredClone(answer) };
	}

	private async begin(place: Place, api: ListsApi): Promise<List> {
		await this.gather();
		this.coming.delete(place);
		return await api.listConversations(place);
	}
}

/** Whether an error says something of the trigger that asked, and nothing of the list. */
function concernsOneTrigger(error: unknown): boolean {
	return isCancelled(error) || (error instanceof ProviderError && error.kind === 'refused');
}
