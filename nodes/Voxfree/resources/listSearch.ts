import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { invalidInput, toNodeError } from '../../shared/errors';
import type { JsonObject, JsonValue } from '../../shared/json';
import { UnreadableList } from '../../shared/lists';
import { createRedactor } from '../../shared/redact';
import type { Redactor } from '../../shared/redact';
import { foldText } from '../../shared/text';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { conversationIn } from '../api/wire/conversations';
import { textOf } from '../api/wire/fields';
import {
	CHANNEL,
	CONTACT,
	DEPARTMENT,
	nameIn,
	QUICK_REPLY,
	TAG,
	TEMPLATE,
	translateFields,
	WRAP_UP_CODE,
} from '../api/wire/vocabulary';
import type { Vocabulary } from '../api/wire/vocabulary';

interface ListOption {
	name: string;
	value: string;
}

interface ListOptions {
	options: ListOption[];
	/** The entries of Voxfree's answer, readable or not. */
	entries: readonly JsonObject[];
}

/** What a list may depend on. */
interface SearchContext {
	filter: string;
	/** The value of another parameter of the node; throws if there is none yet. */
	valueOf(parameter: string, displayName: string): string;
}

type ListSource = (voxfree: VoxfreeApi, context: SearchContext) => Promise<ListOptions>;

/** Entries with an ID and a name under these keys of ours. */
function toListOptions(
	entries: readonly JsonObject[],
	vocabulary: Vocabulary,
	idKey: string,
	...nameKeys: string[]
): ListOptions {
	const options = entries.flatMap((entry) => {
		const translated = translateFields(entry, vocabulary);
		const value = textOf(translated[idKey]);
		return value === undefined ? [] : [{ name: nameIn(translated, nameKeys) ?? value, value }];
	});
	return { options, entries };
}

/** Voxfree has no list of agents, so these are the ones with conversations. */
const searchAgents: ListSource = async (voxfree) => {
	const lists = await Promise.all([
		voxfree.getActiveConversations(),
		voxfree.getWaitingConversations(),
	]);
	const { agentId: ownId } = await voxfree.getSession();
	const names = new Map<string, string>();
	for (const { agentId, agentName } of lists.flat().map(conversationIn)) {
		const id = textOf(agentId);
		if (id === undefined || id === '0' || id === ownId) continue;
		names.set(id, textOf(agentName) ?? names.get(id) ?? id);
	}
	if (names.size === 0) {
		throw invalidInput(
			'No other agents found in your conversations',
			"Voxfree has no list of agents, only the names in the conversations that your agent can see. Change the field's mode from list to ID and enter the agent's ID.",
		);
	}
	return { options: [...names].map(([value, name]) => ({ name, value })), entries: lists.flat() };
};

const USE_PROTOCOL =
	"Change the field's mode from list to By Protocol and enter the protocol, such as that in the output of the Voxfree Trigger.";

/** @param mark what the names say besides contact and protocol */
function conversationOptions(entries: readonly JsonObject[], mark = ''): ListOption[] {
	return entries.map(conversationIn).flatMap((conversation) => {
		const value = textOf(conversation.protocol);
		if (value === undefined) return [];
		const contact = textOf(conversation.contactName) ?? textOf(conversation.contactNumber);
		return [{ name: `${contact === undefined ? value : `${contact} (${value})`}${mark}`, value }];
	});
}

const searchConversations: ListSource = async (voxfree) => {
	const entries = await voxfree.getActiveConversations();
	if (entries.length === 0) {
		throw invalidInput('Your agent has no active conversation. Use By Protocol.', USE_PROTOCOL);
	}
	return { options: conversationOptions(entries), entries };
};

/** Those in the queue as well, because opening one takes it out of there. */
const searchConversationsToOpen: ListSource = async (voxfree) => {
	const [active, waiting] = await Promise.all([
		voxfree.getActiveConversations(),
		voxfree.getWaitingConversations(),
	]);
	const entries = [...waiting, ...active];
	if (entries.length === 0) {
		throw invalidInput(
			'No conversation is waiting, and your agent has no active one. Use By Protocol.',
			USE_PROTOCOL,
		);
	}
	const served = conversationOptions(active);
	const queued = conversationOptions(waiting, ' - waiting').filter(
		({ value }) => !served.some((option) => option.value === value),
	);
	return { options: [...queued, ...served], entries };
};

const sources = {
	searchAgents,
	searchChannels: async (voxfree, { valueOf }) =>
		toListOptions(
			await voxfree.getChannels(valueOf('departmentId', 'Department')),
			CHANNEL,
			'channelId',
			'name',
		),
	searchContacts: async (voxfree, { filter }) =>
		toListOptions(await voxfree.getContacts(filter.trim()), CONTACT, 'contactId', 'name', 'number'),
	searchConversations,
	searchConversationsToOpen,
	searchDepartments: async (voxfree) =>
		toListOptions(await voxfree.getDepartments(), DEPARTMENT, 'departmentId', 'name'),
	searchQuickReplies: async (voxfree) =>
		toListOptions(await voxfree.getQuickReplies({}), QUICK_REPLY, 'quickReplyId', 'title', 'text'),
	searchTags: async (voxfree, { valueOf }) =>
		toListOptions(
			await voxfree.getTags({ protocol: valueOf('protocol', 'Conversation') }),
			TAG,
			'tagId',
			'name',
		),
	searchTemplates: async (voxfree, { valueOf }) =>
		toListOptions(
			await voxfree.getTemplates(valueOf('protocol', 'Conversation')),
			TEMPLATE,
			'templateId',
			'name',
		),
	searchWrapUpCodes: async (voxfree, { valueOf }) =>
		toListOptions(
			await voxfree.getWrapUpCodes(valueOf('protocol', 'Conversation')),
			WRAP_UP_CODE,
			'wrapUpCodeId',
			'name',
		),
} satisfies Record<string, ListSource>;

type SearchMethod = (
	this: ILoadOptionsFunctions,
	filter?: string,
) => Promise<INodeListSearchResult>;

/** The methods behind the node's resource locators, by the names in `searchListMethod`. */
export function listSearchMethods(
	connect: (functions: ILoadOptionsFunctions) => Promise<{ api: VoxfreeApi; redact: Redactor }>,
): Record<keyof typeof sources, SearchMethod> {
	const method = (name: keyof typeof sources): SearchMethod =>
		async function (filter = '') {
			let redact = createRedactor([]);
			try {
				const connection = await connect(this);
				redact = connection.redact;
				const context: SearchContext = {
					filter,
					valueOf: (parameter, displayName) => currentValue(this, parameter, displayName),
				};
				const source: ListSource = sources[name];
				const list = await source(connection.api, context);
				// Voxfree has already searched contacts, by number too, which their names do not show.
				const isSearched = name === 'searchContacts' && foldText(filter) !== '';
				const options = checkReadable(list);
				return { results: isSearched ? options : matching(options, filter) };
			} catch (error) {
				const told = error instanceof UnreadableList ? unreadable(error.body) : error;
				throw toNodeError(this.getNode(), told, redact);
			}
		};
	return Object.fromEntries(
		Object.keys(sources).map((name) => [name, method(name as keyof typeof sources)]),
	) as Record<keyof typeof sources, SearchMethod>;
}

/** The document shows most lists at best as pictures, so an answer may have an unknown shape. */
function checkReadable({ options, entries }: ListOptions): ListOption[] {
	if (options.length > 0 || entries.length === 0) return options;
	throw unreadable([...entries]);
}

function unreadable(body: JsonValue): UnreadableList {
	return new UnreadableList(
		'Voxfree',
		body,
		"Change the field's mode from list to ID and enter the ID yourself.",
	);
}

/** The options with the filter in name or value, in the order of their names. */
function matching(options: readonly ListOption[], filter: string): ListOption[] {
	const wanted = foldText(filter);
	return options
		.filter(({ name, value }) => foldText(name).includes(wanted) || value.includes(wanted))
		.sort((a, b) => a.name.localeCompare(b.name, 'pt-BR'));
}

function currentValue(
	functions: ILoadOptionsFunctions,
	parameter: string,
	displayName: string,
): string {
	const value: unknown = functions.getCurrentNodeParameter(parameter);
	const located = (value as { value?: unknown } | null | undefined)?.value ?? value;
	const text = typeof located === 'number' ? String(located) : located;
	if (typeof text === 'string' && text.trim() !== '' && !text.startsWith('=')) return text.trim();
	throw invalidInput(
		`Choose '${displayName}' first`,
		`This list depends on it. If '${displayName}' is an expression, enter the ID here yourself.`,
	);
}
