import type { JsonObject } from '../../shared/json';
import { idsIn } from './events';
import type { GitpleEvent } from './events';
import type { GitpleApi, Named } from '../api/GitpleApi';

/** Which lists of ids have names, and under which key these are put. */
type NamedLists = Readonly<Record<string, { readonly kind: Named; readonly as: string }>>;

const OF_SESSION: NamedLists = {
	categories: { kind: 'categories', as: 'categoryNames' },
	tags: { kind: 'sessionTags', as: 'tagNames' },
	userGroups: { kind: 'userGroups', as: 'userGroupNames' },
};

const OF_USER: NamedLists = {
	groups: { kind: 'userGroups', as: 'groupNames' },
	tags: { kind: 'userTags', as: 'tagNames' },
};

/** A session with the names of its tags, categories and user groups beside their ids. */
export async function sessionWithNames(api: GitpleApi, session: JsonObject): Promise<JsonObject> {
	return { ...session, ...(await namesFor(api, session, OF_SESSION)) };
}

/** An event with the names of all tags, categories and groups beside their ids. */
export async function eventWithNames(api: GitpleApi, event: GitpleEvent): Promise<GitpleEvent> {
	const { user, session } = event;
	const [userNames, sessionNames] = await Promise.all([
		namesFor(api, user ?? {}, OF_USER),
		namesFor(api, session ?? {}, OF_SESSION),
	]);
	return {
		...event,
		...(user === undefined ? {} : { user: { ...user, ...userNames } }),
		...(session === undefined ? {} : { session: { ...session, ...sessionNames } }),
	};
}

async function namesFor(api: GitpleApi, thing: JsonObject, lists: NamedLists): Promise<JsonObject> {
	const present = Object.entries(lists).filter(([key]) => Array.isArray(thing[key]));
	const named = await Promise.all(
		present.map(async ([key, { kind, as }]) => [as, await api.namesOf(kind, idsIn(thing[key]))]),
	);
	return Object.fromEntries(named) as JsonObject;
}
