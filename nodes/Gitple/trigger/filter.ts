import { matchesFilter } from '../../shared/filters';
import { idsIn } from '../api/wire';
import type { GitpleEvent } from './events';

/** The options that filter events; lists are separated by commas, and empty ones match everything. */
export interface EventFilters {
	appCodes?: string;
	assigneeTypes?: string[];
	groups?: string;
	tags?: string;
}

export function passesFilters(event: GitpleEvent, filters: EventFilters): boolean {
	const { user, agent, session, appCode } = event;
	const assigneeTypes = filters.assigneeTypes ?? [];
	if (session !== undefined && assigneeTypes.length > 0) {
		if (!assigneeTypes.includes(String(agent?.type))) return false;
	}
	return (
		matchesFilter(filters.appCodes, idsIn([appCode ?? null])) &&
		matchesFilter(filters.groups, idsIn(user?.groups)) &&
		matchesFilter(filters.tags, idsIn(session === undefined ? user?.tags : session.tags))
	);
}

const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Whether an event's time is in ISO 8601 (UTC) and differs from now by no more than `minutes`. */
export function isWithin(minutes: number, time: unknown): boolean {
	if (typeof time !== 'string' || !UTC_TIME.test(time)) return false;
	return Math.abs(Date.now() - Date.parse(time)) <= minutes * 60_000;
}
