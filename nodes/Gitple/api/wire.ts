import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { refusalInBody } from '../../shared/refusals';

/**
 * The words of Gitple's Open API and Event APIs. Ids are opaque text; unknown keys are passed on.
 */

/** Languages that a message can be sent in. */
export type Language = 'en' | 'ja' | 'ko' | 'vi' | 'zh';

export interface Link {
	/** URL. */
	u: string;
	/** Text shown in its place. */
	m?: string;
}

export interface Button {
	p: 'button';
	t: string;
	c: { l: { u: string } };
}

/** One part of a message: text, link and buttons, each of which may be missing. */
export interface ContentPart {
	t?: string;
	l?: Link;
	a?: Button[];
}

/** Body of `POST /hooks`. */
export interface HookBody {
	type: 'message' | 'notification';
	/** The user's id in the caller's own system; of an anonymous user, the email address. */
	identifier: string;
	anonymous: boolean;
	lang: Language;
	content: ContentPart[];
}

/** What `/exports/{collection}/{id}` can be asked for. */
export type Collection =
	| 'agentGroups'
	| 'agents'
	| 'categories'
	| 'sessionTags'
	| 'sessions'
	| 'userGroups'
	| 'userTags'
	| 'users';

/** The provider's words in an answer that refuses with status 200; undefined if it does not. */
export function refusalIn(body: JsonValue): string | undefined {
	// What has an ID is what was asked for, whatever else its fields say.
	if (isJsonObject(body) && Object.hasOwn(body, 'id')) return undefined;
	return refusalInBody(body, true);
}

/**
 * The readable part of a message's content: the text itself, the text or the URL of a link, or the
 * alternative text of a picture. Undefined if it has none of these.
 */
function textOf(content: JsonValue | undefined): string | undefined {
	if (typeof content === 'string') return content;
	if (!isJsonObject(content)) return undefined;
	const { t, l, e } = content;
	const found = [
		t,
		...(isJsonObject(l) ? [l.m, l.u] : []),
		...(isJsonObject(e) ? [e.alt] : []),
	].find((words) => typeof words === 'string' && words !== '');
	return found as string | undefined;
}

/** A message of a session, with its ids as text; Gitple sends some of them as numbers. */
export function messageIn(entry: JsonValue): JsonObject {
	if (!isJsonObject(entry)) return { content: entry };
	const text = textOf(entry.content);
	return {
		...entry,
		...textId(entry, 'id'),
		...textId(entry, 'senderId'),
		...(text === undefined || Object.hasOwn(entry, 'text') ? {} : { text }),
	};
}

function textId(entry: JsonObject, key: string): JsonObject {
	const value = entry[key];
	return typeof value === 'number' ? { [key]: String(value) } : {};
}

/** The ids in a list, as text; anything else in it is left out. */
export function idsIn(list: JsonValue | undefined): string[] {
	if (!Array.isArray(list)) return [];
	return list.flatMap((id) => (typeof id === 'string' || typeof id === 'number' ? [`${id}`] : []));
}
