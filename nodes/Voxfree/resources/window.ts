import { invalidInput } from '../../shared/errors';
import type { ProviderError } from '../../shared/errors';
import type { Output } from '../../shared/operation/define';
import { UnreadableList } from '../../shared/lists';
import { serviceWindow } from '../api/serviceWindow';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, isNo, isYes } from '../api/wire/fields';
import { readMessages } from '../api/wire/messages';
import { localTime, momentOf } from '../api/wire/time';
import { sentMessageOutput } from './outputs';
import { anyTemplate } from './parameters';
import { sendTemplate } from './template';

/** The 24-hour window of a conversation, and what a send does outside it. */

export const outsideWindow = {
	displayName: 'Outside the 24-Hour Window',
	name: 'outsideWindow',
	type: 'options',
	default: 'sendAnyway',
	description:
		"Official WhatsApp (Meta) delivers free text and files only within 24 hours of the contact's last message, and templates at any time. To check this, the node reads the conversation first, which must be one of your active ones.",
	options: [
		{
			name: 'Send Anyway',
			value: 'sendAnyway',
			description: 'Skip the check. WhatsApp may silently drop the message.',
		},
		{
			name: 'Send This Template Instead',
			value: 'template',
			description: 'Send a template in place of the message',
		},
		{
			name: 'Stop With an Error',
			value: 'error',
			description: 'Send nothing. The error shows when the window closed.',
		},
	],
} as const;

/** What 0.1 did without asking, and still does by default, is the choice for outside the window. */
export const ifWindowUnknown = {
	displayName: 'If the Window Is Unknown',
	name: 'ifWindowUnknown',
	type: 'options',
	default: 'asOutside',
	displayOptions: { show: { outsideWindow: ['error', 'template'] } },
	description:
		'What to do if the node cannot read when the contact last wrote. WhatsApp may then drop a message that is sent anyway.',
	options: [
		{
			name: 'Same as Outside the Window',
			value: 'asOutside',
			description: 'Do what is chosen for outside the window, which is the safe choice',
		},
		{
			name: 'Send Anyway',
			value: 'sendAnyway',
			description: 'For channels without a window. WhatsApp may silently drop the message.',
		},
		{
			name: 'Send This Template Instead',
			value: 'template',
			description: 'Send a template, which is delivered in any case',
		},
		{
			name: 'Stop With an Error',
			value: 'error',
			description: 'Send nothing, and let a person decide',
		},
	],
} as const;

/**
 * The node itself checks that it is filled in: n8n would also require it if an expression decides
 * whether it is needed.
 */
export const fallbackTemplate = {
	...anyTemplate,
	displayOptions: { show: { outsideWindow: ['error', 'template'] } },
} as const;

/** A message this far in the future has a time that was not read correctly, in milliseconds. */
const MOST_AHEAD = 60 * 60 * 1000;

type Window = { state: 'open' | 'unknown' } | { state: 'closed'; closedAt?: Date };

/**
 * The window of one of the agent's active conversations. No other conversation is read, because
 * reading one from the queue would assign it to the agent.
 */
async function windowOf(voxfree: VoxfreeApi, protocol: string, now: Date): Promise<Window> {
	const active = await voxfree.findActiveConversation(protocol).catch((error: unknown) => {
		if (error instanceof UnreadableList) return 'unreadable';
		throw error;
	});
	if (active === 'unreadable') return { state: 'unknown' };
	if (active === undefined) {
		throw invalidInput(
			`The conversation ${protocol} is not among your active ones, so its 24-hour window cannot be checked`,
			"Nothing was sent, because reading the conversation would assign it to you. Use Conversation: Open first, or set 'Outside the 24-Hour Window' to Send Anyway.",
		);
	}
	const { messages, others, isEmpty } = readMessages(await voxfree.openConversation(protocol));
	const foreign = messages.filter((message) => !isYes(field(message, 'fromMe')));
	const latest = foreign
		.filter((message) => isNo(field(message, 'fromMe')))
		.flatMap((message) => momentOf(message)?.getTime() ?? [])
		.reduce((last, moment) => Math.max(last, moment), Number.NEGATIVE_INFINITY);
	if (latest > now.getTime() + MOST_AHEAD) return { state: 'unknown' };
	const { open, closesAt } = serviceWindow(
		Number.isFinite(latest) ? new Date(latest) : undefined,
		now,
	);
	if (open) return { state: 'open' };
	// One that cannot be read may be newer than all that can.
	const isUnknown =
		others.length > 0 ||
		(messages.length === 0 && !isEmpty) ||
		foreign.some((message) => {
			const moment = momentOf(message);
			if (moment === undefined) return true;
			return !isNo(field(message, 'fromMe')) && serviceWindow(moment, now).open;
		});
	return isUnknown ? { state: 'unknown' } : { state: 'closed', closedAt: closesAt };
}

interface WindowValues {
	protocol: string;
	outsideWindow: 'sendAnyway' | 'template' | 'error';
	ifWindowUnknown?: 'asOutside' | 'sendAnyway' | 'template' | 'error';
	templateId?: string;
	simplify: boolean;
}

/** The template is needed only for one way of dealing with a window that is not open. */
export function checkTemplate(values: Omit<WindowValues, 'simplify'>): void {
	const { outsideWindow, ifWindowUnknown, templateId = '' } = values;
	if (outsideWindow === 'sendAnyway' || templateId !== '') return;
	if (outsideWindow !== 'template' && ifWindowUnknown !== 'template') return;
	throw invalidInput("'Template' is empty", 'Choose the template to send outside the window.');
}

/** Calls `send` if the window is open. Otherwise does what the user has chosen. */
export async function withinWindow(
	voxfree: VoxfreeApi,
	values: WindowValues,
	send: () => Promise<Output>,
): Promise<Output> {
	const { protocol, outsideWindow, ifWindowUnknown = 'asOutside', simplify } = values;
	if (outsideWindow === 'sendAnyway') return await send();
	const { templateId = '' } = values;
	const window = await windowOf(voxfree, protocol, new Date());
	if (window.state === 'open') return await send();
	const choice =
		window.state === 'closed' || ifWindowUnknown === 'asOutside' ? outsideWindow : ifWindowUnknown;
	if (choice === 'sendAnyway') return await send();
	if (choice === 'error') throw windowError(window);
	const output = sentMessageOutput(
		protocol,
		await sendTemplate(voxfree, protocol, templateId),
		simplify,
	);
	if (!simplify) return output;
	return { ...output, sentTemplateInstead: output.success, templateId, ...whyTemplate(window) };
}

function whyTemplate(window: Window): { windowUnknown?: true; windowClosedAt?: string } {
	if (window.state !== 'closed') return { windowUnknown: true };
	return window.closedAt === undefined ? {} : { windowClosedAt: localTime(window.closedAt) };
}

function windowError(window: Window): ProviderError {
	if (window.state !== 'closed') {
		return invalidInput(
			'When the contact last wrote cannot be read, so the 24-hour window of this conversation is unknown',
			"Nothing was sent. Use Template: Send, which is always allowed, or choose what to do under 'If the Window Is Unknown'.",
		);
	}
	return invalidInput(
		window.closedAt === undefined
			? 'The contact has not written in this conversation yet, so only a template can be sent'
			: `The 24-hour window of this conversation closed at ${localTime(window.closedAt)}`,
		"Nothing was sent. Use Template: Send, or set 'Outside the 24-Hour Window' to Send This Template Instead.",
	);
}
