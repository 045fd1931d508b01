import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	IHookFunctions,
	INodeCredentialTestResult,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { matchesFilter } from '../shared/filters';
import { triggerOn } from '../shared/parameters/triggerOn';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import {
	sharedSecretOptions,
	sharedSecretParameters,
	triggerOptions,
	urlNotice,
} from '../shared/webhook/properties';
import { headersWithoutSecrets, readRawBody } from '../shared/webhook/request';
import { respondUnauthorized } from '../shared/webhook/respond';
import { checkSharedSecret } from '../shared/webhook/setup';
import { webhookValues } from '../shared/webhook/values';
import { secretLocation, verifySharedSecret } from '../shared/webhook/verify';
import type { SecretLocation } from '../shared/webhook/verify';
import { readCall } from './trigger/calls';
import type { CallKind } from './trigger/calls';
import { testCredential } from './trigger/credentialTest';

interface TriggerValues {
	events: CallKind[];
	options: TriggerOptions;
}

interface TriggerOptions extends Partial<SecretLocation> {
	clientIds?: string;
	includeHeaders?: boolean;
	origins?: string;
}

const DEFAULT_SECRET_LOCATION = { headerName: 'mz-integration', queryName: 'secret' };

/**
 * The status for a request that no node answers. n8n's own is 200 with an empty body, which looks
 * like an answer; according to SimplesDesk's document, nothing is sent when an integration fails.
 */
const NOT_ANSWERED = 500;

/** A scheduled message has a few hundred bytes. Parsing many megabytes would block all of n8n. */
const LARGEST_BODY = 1024 * 1024;

export class SimplesDeskTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SimplesDesk Trigger',
		name: 'simplesDeskTrigger',
		icon: { light: 'file:simplesdesk.svg', dark: 'file:simplesdesk.dark.svg' },
		group: ['trigger'],
		// From version 2, n8n does not evaluate an expression for every request to a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'When a scheduled message is due, or a contact uses a bot menu; answer with messages, files, templates, menus and questions',
		eventTriggerDescription: 'Waiting for SimplesDesk to ask for a message',
		activationMessage:
			'SimplesDesk can now ask this workflow for messages if its production URL is set in the integration there.',
		triggerPanel: {
			header: 'Receive requests from SimplesDesk',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> in the integration in SimplesDesk, and let a scheduled message become due. The next node then shows the fields of the request: n8n has no preview of a trigger's output before.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. End every branch with a SimplesDesk node: its answer is what the contact gets.",
				active:
					"Requests arrive at the <b>production URL</b>. The executions that they start are listed under 'Executions', and your answers in SimplesDesk under Relatórios > Integrações.",
			},
			activationHint:
				'For live requests, set the production URL in the integration in SimplesDesk and publish the workflow.',
		},
		defaults: { name: 'SimplesDesk Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'simplesDeskApi',
				required: true,
				testedBy: 'testSimplesDeskCredential',
				displayOptions: { show: { verification: ['header', 'query'] } },
			},
		],
		hints: [
			{
				message:
					'SimplesDesk waits for the answer of this execution. End every branch with a SimplesDesk node; use Send Nothing if the contact is to get no message. A request without an answer gets an error, and the contact gets nothing.',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'afterExecution',
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'responseNode',
				// The type is text, but n8n passes this to Express, which takes only a number.
				responseCode: NOT_ANSWERED as unknown as string,
				path: 'webhook',
			},
		],
		properties: [
			urlNotice(
				'the integration in SimplesDesk: that of the scheduled message (Mensagem Programada) or of the menu item of the bot.',
			),
			{
				displayName:
					'The answer of a SimplesDesk node in this workflow becomes the message. If the workflow fails or ends without an answer, SimplesDesk gets status 500 and sends nothing. End every branch with a SimplesDesk node; use Send Nothing if the contact is to get no message.',
				name: 'answerNotice',
				type: 'notice',
				default: '',
			},
			triggerOn(
				[
					{
						name: 'Bot Menu',
						value: 'botMenu',
						action: 'On bot menu used',
						description: 'A contact chose the integration or replied to its question',
					},
					{
						name: 'Scheduled Message',
						value: 'scheduledMessage',
						action: 'On scheduled message due',
						description: 'A scheduled message (mensagem programada) is due',
					},
				],
				['scheduledMessage', 'botMenu'],
			),
			...sharedSecretParameters({
				provider: 'SimplesDesk',
				none: 'Anyone who knows the URL can start the workflow and read its answer',
				header: 'Bot menus send a text of your choice in the header mz-integration',
				headerNotice:
					"In SimplesDesk, enter the 'Webhook Secret' of the credential as the text of the header mz-integration in the menu item. It is not documented whether scheduled messages send this header as well: if they get status 401, use Secret in URL for them.",
			}),
			triggerOptions([
				{
					displayName: 'Account IDs',
					name: 'clientIds',
					type: 'string',
					default: '',
					placeholder: 'e.g. 72, 73',
					description:
						'Answer only these accounts (clientId), separated by commas. Others get status 403, and so do requests of bot menus without an account.',
				},
				...sharedSecretOptions(DEFAULT_SECRET_LOCATION),
				{
					displayName: 'Origins',
					name: 'origins',
					type: 'string',
					default: '',
					placeholder: 'e.g. SCHEDULED_MESSAGE',
					description:
						'Answer only requests with one of these origins, as SimplesDesk writes them, separated by commas. Others get status 403.',
				},
			]),
		],
		usableAsTool: undefined,
	};

	methods = {
		credentialTest: {
			/** No server knows a secret that the user made up, but the fields can be checked. */
			async testSimplesDeskCredential(
				this: ICredentialTestFunctions,
				{ data = {} }: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				return testCredential(data as ICredentialDataDecryptedObject);
			},
		},
	};

	webhookMethods = {
		default: {
			/** SimplesDesk has no call to register a webhook, so the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Registers nothing, but checks the parameters and the secret. */
			async create(this: IHookFunctions): Promise<boolean> {
				const { options } = checkedValues(this, readParameters) as unknown as TriggerValues;
				const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
				await checkSharedSecret(this, 'simplesDeskApi', location);
				return true;
			},
			/** There is nothing to remove. */
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const values = webhookValues(this, readParameters);
		if (values === undefined) return { noWebhookResponse: true };
		const { events, options } = values as unknown as TriggerValues;
		const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
		const failure = await verifySharedSecret(this, 'simplesDeskApi', location);
		if (failure !== undefined) return respondUnauthorized(this, failure);

		const body = await readRawBody(this);
		if (body.length > LARGEST_BODY) {
			return respondWithoutAnswer(this, 413, 'The request is larger than 1 MB.');
		}
		const call = readCall(body);
		if (typeof call === 'string') return respondWithoutAnswer(this, 400, call);

		if (!events.includes(call.event)) {
			const kind = call.event === 'botMenu' ? 'bot menus' : 'scheduled messages';
			return respondWithoutAnswer(this, 403, `This workflow does not answer ${kind}.`);
		}
		if (!matchesFilter(options.clientIds, [String(call.clientId ?? '')])) {
			return respondWithoutAnswer(this, 403, 'This workflow does not answer this account.');
		}
		if (!matchesFilter(options.origins, [String(call.origin ?? '')])) {
			return respondWithoutAnswer(this, 403, 'This workflow does not answer this origin.');
		}

		const json = { ...call } as unknown as IDataObject;
		if (options.includeHeaders === true) {
			// The default header is a text of the user's choice, meant as a secret even if not verified.
			json.headers = headersWithoutSecrets(this, location, DEFAULT_SECRET_LOCATION.headerName);
		}
		// In queue mode, n8n uses this status if no node answers the request.
		this.getResponseObject().status(NOT_ANSWERED);
		return { workflowData: [[{ json }]] };
	}
}

const readParameters = triggerReader(new SimplesDeskTrigger().description.properties, [
	'clientIds',
	'origins',
]);

/**
 * Responds to a request that does not start the workflow. The status says that there is no message:
 * with 200, SimplesDesk would look for one.
 */
function respondWithoutAnswer(
	functions: IWebhookFunctions,
	status: number,
	sentence: string,
): IWebhookResponseData {
	functions.logger.warn(`${functions.getNode().name}: Webhook request not answered: ${sentence}`);
	functions.getResponseObject().status(status).json({ message: sentence }).end();
	return { noWebhookResponse: true };
}
