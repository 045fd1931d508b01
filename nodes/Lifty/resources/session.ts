import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancelSignalOf, pause } from '../../shared/cancellation';
import { isJsonObject } from '../../shared/json';
import { OutputItem, operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { optionsCollection } from '../../shared/parameters/builders';
import { waitFor } from '../pairing/connectAndWait';
import type { LiftyApi } from '../api/LiftyApi';
import { beginPairing, checkPairing, pauseUntil } from '../pairing/pairing';
import type { Pairing } from '../pairing/pairing';
import { fileOf, qrCodeFields } from '../pairing/qrCode';
import { startOnce } from '../pairing/startOnce';
import { CONNECTED, QRCODE } from '../api/wire';
import { botId, botOf, checkBot } from './fields';

const operation = operationsOf<LiftyApi>();

const retryNotice = {
	displayName:
		"A second start can open a parallel connection, so this node starts a bot once per run: retries by 'Retry On Fail' in the settings and further items for the same bot continue the first start. Every new execution starts again.",
	name: 'startNotice',
	type: 'notice',
	default: '',
} as const;

const clearInactive = {
	displayName: 'Clear Inactive Sessions',
	name: 'clearInactive',
	type: 'boolean',
	default: true,
	description: "Whether to remove the bot's inactive sessions first, as Lifty advises",
} as const;

const outputField = {
	displayName: 'Output Data Field Name',
	name: 'outputField',
	type: 'string',
	default: 'data',
	description: 'Name of the output field that contains the picture of the QR code',
} as const;

const skipWhenConnected = {
	displayName: 'Skip When Connected',
	name: 'skipWhenConnected',
	type: 'boolean',
	default: true,
	description:
		'Whether to check the status first and start nothing if the bot is connected. Turn this off to connect another number to the bot.',
} as const;

interface StartOptions {
	clearInactive?: boolean;
	outputField?: string;
	skipWhenConnected?: boolean;
}

interface Begun {
	pairing: Pairing;
	started: boolean;
}

/** Starts a connection, unless the bot is connected and the user does not want another one. */
async function begin(
	functions: IExecuteFunctions,
	lifty: LiftyApi,
	bot: string,
	options: StartOptions,
): Promise<Begun> {
	if (options.skipWhenConnected ?? true) {
		const links = await lifty.getConnection(bot);
		const status = await lifty.getStatus(links.statusLink);
		// A QR code that is already waiting need not be requested again if its link is known.
		if (status === CONNECTED || (status === QRCODE && links.qrCodeLink !== undefined)) {
			return { pairing: { ...beginPairing(bot, links, Date.now()), status }, started: false };
		}
	}
	const pairing = await startOnce(functions, lifty, bot, options.clearInactive ?? true);
	return { pairing, started: true };
}

const fieldOf = (options: StartOptions) => options.outputField?.trim() || 'data';

export const session: Resource<LiftyApi> = {
	name: 'Session',
	value: 'session',
	description: "The connection between a bot and a number's WhatsApp",
	defaultOperation: 'getStatus',
	operations: [
		operation({
			name: 'Connect',
			value: 'connect',
			action: 'Connect session',
			description: 'Start to connect a WhatsApp number to a bot, and return the QR code to scan',
			parameters: [
				botId,
				retryNotice,
				optionsCollection([
					clearInactive,
					outputField,
					skipWhenConnected,
					{
						displayName: 'Wait for QR Code (Seconds)',
						name: 'waitForQrCode',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 120, numberPrecision: 0 },
						default: 30,
						description:
							'How long to wait for the QR code. If it is not ready by then, the item has no picture.',
					},
				]),
			],
			orderingKey: ({ botId }) => botId,
			check: checkBot,
			execute: async (lifty, { botId, options }, { functions }) => {
				const bot = botOf(lifty, botId);
				const { pairing, started } = await begin(functions, lifty, bot, options);
				const answer = (more: IDataObject) => ({ botId: bot, started, ...more });
				const deadline = pairing.startedAt + (options.waitForQrCode ?? 30) * 1000;
				while (pairing.status !== CONNECTED) {
					const check = await checkPairing(lifty, pairing, deadline);
					if (check.picture !== undefined) {
						return new OutputItem(answer({ ...qrCodeFields(pairing), qrCodeReady: true }), {
							binary: { [fieldOf(options)]: await fileOf(functions, check.picture) },
						});
					}
					if (check.end === 'connected') break;
					if (check.end !== undefined) {
						return answer({
							status: pairing.status,
							connected: false,
							qrCodeReady: false,
							...(check.trouble === undefined ? {} : { lastTrouble: check.trouble.message }),
						});
					}
					await pause(pauseUntil(deadline), cancelSignalOf(functions));
				}
				return answer({ status: pairing.status, connected: true, qrCodeReady: false });
			},
		}),
		operation({
			name: 'Connect and Wait',
			value: 'connectAndWait',
			action: 'Connect session and wait for scan',
			description:
				'Start to connect a WhatsApp number to a bot, output every QR code, and wait until one is scanned',
			parameters: [
				{
					displayName:
						"Connect 'QR Code' to the nodes that show or send the picture, and the last of them back to the input of this node. The node then waits and outputs each new picture, until 'Done' outputs the result.",
					name: 'loopNotice',
					type: 'notice',
					default: '',
				},
				botId,
				{
					displayName: 'Wait at Most (Seconds)',
					name: 'waitAtMost',
					type: 'number',
					typeOptions: { minValue: 10, maxValue: 3600, numberPrecision: 0 },
					default: 120,
					required: true,
					description:
						'How long to wait for the scan, counted from the start. A QR code is valid for 60 seconds.',
				},
				retryNotice,
				optionsCollection([
					clearInactive,
					{
						displayName: 'Output Refreshed QR Codes',
						name: 'refreshed',
						type: 'boolean',
						default: true,
						description:
							'Whether to output every new picture. Turn this off if the recipient sees the link to the picture, which always shows the newest one.',
					},
					outputField,
					skipWhenConnected,
				]),
			],
			orderingKey: ({ botId }) => botId,
			check: checkBot,
			execute: async (lifty, { botId, waitAtMost, options }, { functions, itemIndex }) => {
				const bot = botOf(lifty, botId);
				const { pairing } = await begin(functions, lifty, bot, options);
				if (pairing.status === CONNECTED) {
					return {
						botId: bot,
						outcome: 'alreadyConnected',
						connected: true,
						status: CONNECTED,
						qrCodes: 0,
						waitedSeconds: 0,
					};
				}
				waitFor(
					functions,
					{
						pairing,
						deadline: pairing.startedAt + waitAtMost * 1000,
						field: fieldOf(options),
						refreshed: options.refreshed ?? true,
					},
					itemIndex,
				);
				return [];
			},
		}),
		operation({
			name: 'Disconnect',
			value: 'disconnect',
			action: 'Disconnect session',
			description: "End the bot's WhatsApp session",
			parameters: [botId],
			orderingKey: ({ botId }) => botId,
			check: checkBot,
			execute: async (lifty, { botId }) => {
				const bot = botOf(lifty, botId);
				const answer = await lifty.stopConnection(bot);
				return {
					botId: bot,
					disconnected: true,
					answer: isJsonObject(answer) ? answer : { value: answer },
				};
			},
		}),
		operation({
			name: 'Get Status',
			value: 'getStatus',
			action: 'Get status of session',
			description: 'Check whether a bot is connected to WhatsApp',
			parameters: [botId],
			check: checkBot,
			execute: async (lifty, { botId }) => {
				const bot = botOf(lifty, botId);
				const { statusLink } = await lifty.getConnection(bot);
				const status = await lifty.getStatus(statusLink);
				return { botId: bot, status, connected: status === CONNECTED };
			},
		}),
	],
};
