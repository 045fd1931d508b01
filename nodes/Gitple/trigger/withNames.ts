import type { IWebhookFunctions } from 'n8n-workflow';
import { waitFor } from '../../shared/host';
import { connectGitple } from '../api/connect';
import type { GitpleApi } from '../api/GitpleApi';
import { namesFor, SESSION_LISTS, USER_LISTS } from '../api/names';
import type { GitpleEvent } from './events';

/** Milliseconds that an event may wait for its names, because Gitple waits for the response. */
const TIME_LIMIT = 5_000;

/**
 * The event with the names of all tags, categories and groups beside their ids. If they cannot be
 * looked up in time, the event is returned as it is, because it must not be lost.
 */
export async function withNames(
	functions: IWebhookFunctions,
	event: GitpleEvent,
): Promise<GitpleEvent> {
	const done = new AbortController();
	const late = waitFor(TIME_LIMIT, done.signal).then(
		() => `Gitple did not return them within ${TIME_LIMIT / 1000} seconds`,
	);
	const resolved = connectGitple(functions, {
		timeout: TIME_LIMIT,
		rateLimitWait: TIME_LIMIT,
	}).then(
		async ({ api, redact }) =>
			await addNames(api, event).catch((error: unknown) =>
				redact(error instanceof Error ? error.message : 'for an unknown reason'),
			),
		() => 'the credential could not be read',
	);
	const found = await Promise.race([late, resolved]);
	done.abort();
	if (typeof found !== 'string') return found;
	functions.logger.warn(`${functions.getNode().name}: Event without names: ${found}`);
	return event;
}

async function addNames(api: GitpleApi, event: GitpleEvent): Promise<GitpleEvent> {
	const { user, session } = event;
	const [userNames, sessionNames] = await Promise.all([
		namesFor(api, user ?? {}, USER_LISTS),
		namesFor(api, session ?? {}, SESSION_LISTS),
	]);
	return {
		...event,
		...(user === undefined ? {} : { user: { ...user, ...userNames } }),
		...(session === undefined ? {} : { session: { ...session, ...sessionNames } }),
	};
}
