import { splitCommaList } from '../../shared/filters';
import type { VoxfreeEventName } from './events';
import type { TriggerSettings } from './startTrigger';

/** The trigger's parameters, as they are stored. */
export interface TriggerValues {
	events: VoxfreeEventName[];
	fetchDetails: boolean;
	collectMessages: 'all' | 'conversation' | 'off';
	/** Seconds. */
	collectQuiet: number;
	options: TriggerOptions;
}

/** Times are in the unit that their field names. */
interface TriggerOptions {
	batchSize?: number;
	batchWait?: number;
	channelIds?: string;
	collectSize?: number;
	collectWithin?: number;
	compareEvery?: number;
	contactIds?: string;
	departmentIds?: string;
	executionLimit?: number;
	executionsAtOnce?: number;
	giveUpAfter?: number;
	ignoreOwnMessages?: boolean;
	onlyMine?: boolean;
	protocols?: string;
	queueSize?: number;
	recover?: boolean;
	setOffline?: boolean;
	setOnline?: boolean;
	silence?: number;
}

/** How many events start one execution together where the user has not said so. */
const BATCH_SIZE = 100;

/** What the user has set, in the trigger's own units. */
export function settingsFrom(values: TriggerValues): TriggerSettings {
	const { events, fetchDetails, options } = values;
	return {
		filter: {
			events: new Set(events),
			onlyMine: options.onlyMine === true,
			contactIds: new Set(splitCommaList(options.contactIds)),
			channelIds: new Set(splitCommaList(options.channelIds)),
			departmentIds: new Set(splitCommaList(options.departmentIds)),
			protocols: new Set(splitCommaList(options.protocols)),
		},
		ignoreOwnMessages: options.ignoreOwnMessages !== false,
		fetchDetails,
		compareAfterGap: options.recover !== false,
		compareEvery: (options.compareEvery ?? 300) * 1_000,
		inFlight: options.executionsAtOnce ?? 20,
		queue: options.queueSize ?? 10_000,
		limit: (options.executionLimit ?? 60) * 1_000,
		...together(values),
		silence: (options.silence ?? 120) * 1_000,
		giveUpAfter: (options.giveUpAfter ?? 30) * 60_000,
		setOnline: options.setOnline === true,
		setOffline: options.setOffline === true,
	};
}

/** Which events start an execution together. A batch size alone is how workflows of 0.1 say so. */
function together({
	collectMessages,
	collectQuiet,
	options,
}: TriggerValues): Pick<TriggerSettings, 'batch' | 'collect'> {
	if (collectMessages === 'conversation') {
		const quiet = collectQuiet * 1_000;
		const within = Math.max(quiet, (options.collectWithin ?? 60) * 1_000);
		return { collect: { quiet, within, size: options.collectSize ?? 50 } };
	}
	const size = options.batchSize ?? 1;
	const wanted = collectMessages === 'all' && size <= 1 ? BATCH_SIZE : size;
	return wanted > 1 ? { batch: { size: wanted, within: options.batchWait ?? 1_000 } } : {};
}
