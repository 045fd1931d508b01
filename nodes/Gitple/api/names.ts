import type { JsonObject } from '../../shared/json';
import type { GitpleApi, Named } from './GitpleApi';
import { idsIn } from './wire';

/** Which lists of ids have names, and the key under which the names are added. */
type NamedLists = Readonly<Record<string, { readonly kind: Named; readonly as: string }>>;

export const SESSION_LISTS: NamedLists = {
	categories: { kind: 'categories', as: 'categoryNames' },
	tags: { kind: 'sessionTags', as: 'tagNames' },
	userGroups: { kind: 'userGroups', as: 'userGroupNames' },
};

export const USER_LISTS: NamedLists = {
	groups: { kind: 'userGroups', as: 'groupNames' },
	tags: { kind: 'userTags', as: 'tagNames' },
};

/** The names behind the lists of ids in a session or user, by the keys to add them under. */
export async function namesFor(
	api: GitpleApi,
	source: JsonObject,
	lists: NamedLists,
): Promise<JsonObject> {
	const present = Object.entries(lists).filter(([key]) => Array.isArray(source[key]));
	const named = await Promise.all(
		present.map(async ([key, { kind, as }]) => [as, await api.namesOf(kind, idsIn(source[key]))]),
	);
	return Object.fromEntries(named) as JsonObject;
}
