import type { VoxfreeEvent, VoxfreeEventName } from './events';

/** What the user's settings leave through. Empty lists leave everything through. */
export interface EventFilter {
	events: ReadonlySet<VoxfreeEventName>;
	onlyMine: boolean;
	contactIds: ReadonlySet<string>;
	channelIds: ReadonlySet<string>;
	departmentIds: ReadonlySet<string>;
	protocols: ReadonlySet<string>;
}

/**
 * Whether an event passes the filter. One that names no department passes the filter for them: most
 * do not name it, and leaving them out would leave out nearly everything.
 */
export function passesFilter(event: VoxfreeEvent, filter: EventFilter): boolean {
	if (!filter.events.has(event.event)) return false;
	if (event.event === 'gap') return true;
	if (filter.onlyMine && event.isMine === false) return false;
	return (
		isOneOf(filter.contactIds, event.contactId) &&
		isOneOf(filter.channelIds, event.channelId) &&
		isOneOf(filter.protocols, event.protocol) &&
		(event.departmentId === undefined || isOneOf(filter.departmentIds, event.departmentId))
	);
}

function isOneOf(wanted: ReadonlySet<string>, id: string | undefined): boolean {
	return wanted.size === 0 || (id !== undefined && wanted.has(id));
}
