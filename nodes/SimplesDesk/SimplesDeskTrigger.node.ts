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
import { checkSharedSecret } from '../shared/webhook/setup';
import { headersWithoutSecrets, rawBodyOf, respondUnauthorized } from '../shared/webhook/respond';
import { matchesFilter } from '../shared/filters';
import { verifySharedSecret, secretHeader } from '../shared/webhook/verify';
import { readCall } from './trigger/calls';
import type { CallKind } from './trigger/calls';
import { judgeCredential } from './trigger/credential';

interface TriggerOptions {
	clientIds?: string;
	headerName?: string;
	includeHeaders?: boolean;
	origins?: string;
	queryName?: string;
}

const SECRET_PLACES = { headerName: 'mz-integration', queryName: 'secret' };

/**
 * The status for a call that no node answers. n8n's own would be 200 with an empty body, which looks
 * like an answer; by SimplesDesk's document, nothing is sent when an integration fails.
 */
const NOT_ANSWERED = 500;

/** A scheduled message is a few hundred bytes; parsing many megabytes would block all of n8n. */
const LARGEST_BODY = 1024 * 1024;

export class SimplesDeskTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SimplesDesk Trigger',
		name: 'simplesDeskTrigger',
		icon: { light: 'file:simplesdesk.svg', dark: 'file:simplesdesk.dark.svg' },
		group: ['trigger'],
		// From version 2 on, n8n does not evaluate an expression for every call of a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts the workflow when a scheduled message of SimplesDesk is due, or a contact chooses in a bot menu; a SimplesDesk node answers',
		eventTriggerDescription: 'Waiting for SimplesDesk to ask for a message',
		activationMessage:
			'SimplesDesk can now ask this workflow for messages, provided that its production URL is set in the integration there.',
		triggerPanel: {
			header: 'Receive calls from SimplesDesk',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> in the integration in SimplesDesk, and let a scheduled message become due.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. Every branch must end in a SimplesDesk node: what it answers is what the contact gets.",
				active:
					"Calls arrive at the <b>production URL</b>, and you find what they started under 'Executions'. What was answered stands in SimplesDesk under Relatórios > Integrações.",
			},
			activationHint:
				'For live calls, set the production URL in the integration in SimplesDesk and publish the workflow.',
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
					'SimplesDesk waits for the answer of this execution. Let every branch end in a SimplesDesk node, with Send Nothing where nothing is meant: a call that is not answered gets an error, and the contact gets nothing.',
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
				// The type asks for text, but n8n hands this on to Express, which takes a number alone.
				responseCode: NOT_ANSWERED as unknown as string,
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName:
					'Open Webhook URLs above and copy the production URL to the integration in SimplesDesk: that of the scheduled message (Mensagem Programada), or of the menu item of the bot. The test URL is another one and works only while this node is waiting for a test event.',
				name: 'urlNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName:
					'What a SimplesDesk node of this workflow answers is the message. If the workflow fails, or ends without an answer, SimplesDesk gets status 500 and sends nothing. So let every branch end in a SimplesDesk node, with Send Nothing where nothing is meant.',
				name: 'answerNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['scheduledMessage', 'botMenu'],
				options: [
					{
						name: 'Bot Menu',
						value: 'botMenu',
						description: 'A contact has chosen the integration, or replied to its question',
					},
					{
						name: 'Scheduled Message',
						value: 'scheduledMessage',
						description: 'A scheduled message (mensagem programada) is due',
					},
				],
			},
			{
				displayName: 'Verification',
				name: 'verification',
				type: 'options',
				default: 'none',
				description:
					'How a call shows that it comes from SimplesDesk, which does not sign its calls',
				options: [
					{
						name: 'None',
						value: 'none',
						description: 'Whoever knows the URL can start the workflow and read its answer',
					},
					{
						name: 'Secret in Header',
						value: 'header',
						description: 'Bot menus send a text of your choice in the header mz-integration',
					},
					{
						name: 'Secret in URL',
						value: 'query',
						description: 'The URL in SimplesDesk ends in ?secret= and the webhook secret',
					},
				],
			},
			{
				displayName:
					"In SimplesDesk, enter the 'Webhook Secret' of the credential as the text of the header mz-integration in the menu item. Whether scheduled messages send this header too is not documented: if they get status 401, use Secret in URL for them.",
				name: 'headerNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { verification: ['header'] } },
			},
			{
				displayName:
					"In SimplesDesk, add <code>?secret=</code> and the 'Webhook Secret' of the credential to the end of the URL. Calls without it get status 401 and start nothing.",
				name: 'queryNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { verification: ['query'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Account IDs',
						name: 'clientIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. 72, 73',
						description:
							'Answer only these accounts (clientId), separated by commas. Others get status 403. Calls of bot menus without an account do so too.',
					},
					{
						displayName: 'Header Name',
						name: 'headerName',
						type: 'string',
						default: 'mz-integration',
						description: "Header that holds the secret, with 'Secret in Header'",
						displayOptions: { show: { '/verification': ['header'] } },
					},
					{
						displayName: 'Include Headers',
						name: 'includeHeaders',
						type: 'boolean',
						default: false,
						description:
							'Whether to add the headers of the call to the output, without those that hold secrets',
					},
					{
						displayName: 'Origins',
						name: 'origins',
						type: 'string',
						default: '',
						placeholder: 'e.g. SCHEDULED_MESSAGE',
						description:
							'Answer only calls with one of these origins, as SimplesDesk writes them, separated by commas. Others get status 403.',
					},
					{
						displayName: 'Query Parameter Name',
						name: 'queryName',
						type: 'string',
						default: 'secret',
						description: "Part of the URL that holds the secret, with 'Secret in URL'",
						displayOptions: { show: { '/verification': ['query'] } },
					},
				],
			},
		],
		usableAsTool: undefined,
	};

	methods = {
		credentialTest: {
			/** There is nothing to call for a secret of the user's own making, but it can be bad. */
			async testSimplesDeskCredential(
				this: ICredentialTestFunctions,
				{ data = {} }: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				return judgeCredential(data as ICredentialDataDecryptedObject);
			},
		},
	};

	webhookMethods = {
		default: {
			/** SimplesDesk has no call to register a webhook: the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Nothing to register, but a secret to be looked for. */
			async create(this: IHookFunctions): Promise<boolean> {
				await checkSharedSecret(this, 'simplesDeskApi');
				return true;
			},
			/** Nothing was registered. */
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const options = this.getNodeParameter('options', {}) as TriggerOptions;
		const refusal = await verifySharedSecret(this, 'simplesDeskApi', options, SECRET_PLACES);
		if (refusal !== undefined) return respondUnauthorized(this, refusal);

		const body = await rawBodyOf(this);
		if (body.length > LARGEST_BODY) return decline(this, 413, 'The call is larger than 1 MB.');
		const call = readCall(body);
		if (typeof call === 'string') return decline(this, 400, call);

		const events = this.getNodeParameter('events') as CallKind[];
		if (!events.includes(call.event)) {
			const kind = call.event === 'botMenu' ? 'bot menus' : 'scheduled messages';
			return decline(this, 403, `This workflow does not answer ${kind}.`);
		}
		if (!matchesFilter(options.clientIds, [String(call.clientId ?? '')])) {
			return decline(this, 403, 'This workflow does not answer this account.');
		}
		if (!matchesFilter(options.origins, [String(call.origin ?? '')])) {
			return decline(this, 403, 'This workflow does not answer calls of this origin.');
		}

		const json = { ...call } as unknown as IDataObject;
		if (options.includeHeaders === true) {
			const header = secretHeader(options, SECRET_PLACES.headerName);
			// The second is a text of the user's choice, meant as a secret whether it is checked or not.
			json.headers = headersWithoutSecrets(this, header, SECRET_PLACES.headerName);
		}
		// In queue mode, n8n ends a call that no node answers with the status that stands here.
		this.getResponseObject().status(NOT_ANSWERED);
		return { workflowData: [[{ json }]] };
	}
}

/**
 * Answers a call that starts nothing. The status says that there is no message: with 200, SimplesDesk
 * would look for one.
 */
function decline(
	functions: IWebhookFunctions,
	status: number,
	sentence: string,
): IWebhookResponseData {
	functions.logger.warn(`${functions.getNode().name}: a call was not answered: ${sentence}`);
	functions.getResponseObject().status(status).json({ message: sentence }).end();
	return { noWebhookResponse: true };
}
