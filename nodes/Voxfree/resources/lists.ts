import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createRedactor } from '../../shared/redact';
import { invalidInput, toNodeError } from '../../shared/errors';
import type { JsonObject } from '../../shared/json';
import { connectVoxfree } from '../api/connect';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { conversationIn } from '../api/wire/conversations';
import { foldText, textOf } from '../api/wire/fields';
import {
	CHANNEL,
	CONTACT,
	DEPARTMENT,
	translateFields,
	nameIn,
	QUICK_REPLY,
	TAG,
	TEMPLATE,
	WRAP_UP_CODE,
} from '../api/wire/vocabulary';
import type { Vocabulary } from '../api/wire/vocabulary';

interface Entry {
	name: string;
	value: string;
}

/** Reads the entries of a list; `chosen` gives the value of another field of the node. */
type Source = (
	voxfree: VoxfreeApi,
	chosen: (parameter: string, label: string) => string,
	filter: string,
) => Promise<{ entries: Entry[]; answered: number }>;

/** A list of things with an id and a name under these keys of ours. */
function named(
	things: readonly JsonObject[],
	vocabulary: Vocabulary,
	idKey: string,
	...nameKeys: string[]
): { entries: Entry[]; answered: number } {
	const entries = things.flatMap((thing) => {
		const words = translateFields(thing, vocabulary);
		const value = textOf(words[idKey]);
		if (value === undefined) return [];
		return [{ name: nameIn(words, nameKeys) ?? value, value }];
	});
	return { entries, answered: things.length };
}

const sources = {
	searchAgents: async (voxfree) => {
		const lists = await Promise.all([
			voxfree.getActiveConversations(),
			voxfree.getWaitingConversations(),
		]);
		const { agentId: ourselves } = await voxfree.getSession();
		const agents = new Map<string, string>();
		for (const { agentId, agentName } of lists.flat().map(conversationIn)) {
			const id = textOf(agentId);
			if (id === undefined || id === '0' || id === ourselves) continue;
			agents.set(id, textOf(agentName) ?? agents.get(id) ?? id);
		}
		if (agents.size === 0) {
			throw invalidInput(
				'No other agent is to be seen in the conversations',
				"Voxfree has no list of agents, only the names in the conversations that your agent sees. Change the field's mode from list to ID and enter the agent's ID.",
			);
		}
		const entries = [...agents].map(([value, name]) => ({ name, value }));
		return { entries, answered: entries.length };
	},
	searchChannels: async (voxfree, chosen) =>
		named(
			await voxfree.getChannels(chosen('departmentId', 'Department')),
			CHANNEL,
			'channelId',
			'name',
		),
	searchContacts: async (voxfree, _chosen, filter) => {
		const found = await voxfree.getContacts(filter.trim());
		const { entries, answered } = named(found, CONTACT, 'contactId', 'name', 'number');
		return { entries, answered };
	},
	searchConversations: async (voxfree) => {
		const conversations = (await voxfree.getActiveConversations()).map(conversationIn);
		const entries = conversations.flatMap((conversation) => {
			const value = textOf(conversation.protocol);
			if (value === undefined) return [];
			const who = textOf(conversation.contactName) ?? textOf(conversation.contactNumber);
			return [{ name: who === undefined ? value : `${who} (${value})`, value }];
		});
		return { entries, answered: conversations.length };
	},
	searchDepartments: async (voxfree) =>
		named(await voxfree.getDepartments(), DEPARTMENT, 'departmentId', 'name'),
	searchQuickReplies: async (voxfree) =>
		named(await voxfree.getQuickReplies({}), QUICK_REPLY, 'quickReplyId', 'title', 'text'),
	searchTags: async (voxfree, chosen) =>
		named(
			await voxfree.getTags({ protocol: chosen('protocol', 'Conversation') }),
			TAG,
			'tagId',
			'name',
		),
	searchTemplates: async (voxfree, chosen) =>
		named(
			await voxfree.getTemplates(chosen('protocol', 'Conversation')),
			TEMPLATE,
			'templateId',
			'name',
		),
	searchWrapUpCodes: async (voxfree, chosen) =>
		named(
			await voxfree.getWrapUpCodes(chosen('protocol', 'Conversation')),
			WRAP_UP_CODE,
			'wrapUpCodeId',
			'name',
		),
} satisfies Record<string, Source>;

/**
 * The lists behind the node's resource locators. What most answers look like is known from pictures
 * at best; one that cannot be read says so and points to the manual entry.
 */
export async function searchList(
	functions: ILoadOptionsFunctions,
	method: keyof typeof sources,
	filter = '',
): Promise<INodeListSearchResult> {
	let redact = createRedactor([]);
	try {
		const connection = await connectVoxfree(functions);
		redact = connection.redact;
		const chosen = (parameter: string, label: string) => chosenIn(functions, parameter, label);
		const source: Source = sources[method];
		const { entries, answered } = await source(connection.api, chosen, filter);
		if (entries.length === 0 && answered > 0) {
			throw invalidInput(
				'Voxfree has answered, but not with a list that this node can read',
				"Change the field's mode from list to ID and enter the ID yourself.",
			);
		}
		const wanted = foldText(filter);
		const results = entries
			.filter(({ name, value }) => foldText(name).includes(wanted) || value.includes(wanted))
			.sort((a, b) => a.name.localeCompare(b.name, 'pt-BR'));
		// Voxfree has searched contacts by number too, which their names do not show.
		return { results: method === 'searchContacts' && wanted !== '' ? entries : results };
	} catch (error) {
		throw toNodeError(functions.getNode(), error, redact);
	}
}

function chosenIn(functions: ILoadOptionsFunctions, parameter: string, label: string): string {
	const value: unknown = functions.getCurrentNodeParameter(parameter);
	const located = (value as { value?: unknown } | null | undefined)?.value ?? value;
	const text = typeof located === 'number' ? String(located) : located;
	if (typeof text === 'string' && text.trim() !== '' && !text.startsWith('=')) return text.trim();
	throw invalidInput(
		`Choose '${label}' first`,
		`This list depends on it. When '${label}' is an expression, enter the ID here by yourself.`,
	);
}
