import { NodeConnectionTypes, sleep } from 'n8n-workflow';
import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { checkSecrets } from '../shared/webhook/setup';
import { acknowledge, rawBodyOf, respondUnauthorized } from '../shared/webhook/respond';
import { matchesFilter } from '../shared/filters';
import { verifyAgainstCredential } from '../shared/webhook/secretCache';
import { signatureMatches } from '../shared/webhook/verify';
import { idsIn, readEvent } from './trigger/events';
import type { GitpleEvent, GitpleEventName } from './trigger/events';
import { connectGitple } from './api/connect';
import { eventWithNames } from './trigger/names';
import { replayWindowOf } from './trigger/ReplayWindow';
import type { ReplayWindow } from './trigger/ReplayWindow';
import { readSignature } from './trigger/signature';
import type { SignatureEncoding } from './trigger/signature';

interface TriggerOptions {
	appCodes?: string;
	assigneeTypes?: string[];
	groups?: string;
	resolveNames?: boolean;
	signatureEncoding?: SignatureEncoding;
	tags?: string;
	tolerance?: number;
}

/** Milliseconds that an event may wait for its names: Gitple is waiting for the answer meanwhile. */
const NAMES_WITHIN = 5_000;

/** Milliseconds; n8n needs several for the steps between. */
const STORE_AGAIN_AFTER = 1;
/** An answer that takes longer than these is not worth waiting for. */
const STORE_REPEATED = 5_000;

export class GitpleTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gitple Trigger',
		name: 'gitpleTrigger',
		icon: { light: 'file:gitple.svg', dark: 'file:gitple.dark.svg' },
		group: ['trigger'],
		// From version 2 on, n8n does not evaluate an expression for every call of a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts the workflow when a session of Gitple is opened, assigned or closed, or an agent sends a message outside',
		eventTriggerDescription: 'Waiting for something to happen in Gitple',
		activationMessage:
			'Gitple events now start this workflow, provided that its production URL is set under Event APIs in Gitple.',
		triggerPanel: {
			header: 'Receive events from Gitple',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> under Event APIs in Gitple, and open or close a session.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. Gitple knows only one URL at a time.",
				active:
					"Events arrive at the <b>production URL</b>, and you find what they started under 'Executions'. To try a change without missing events, use a second workflow: Gitple knows only one URL at a time.",
			},
			activationHint:
				'For live events, set the production URL under Event APIs in Gitple and publish the workflow.',
		},
		defaults: { name: 'Gitple Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'gitpleApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName:
					"Open <b>Webhook URLs</b> above and copy the production URL to Gitple: Workspace > Settings > Integrations > Event APIs > URL, and the 'Webhook Secret' of the credential to Secret. Keep 'Enable SSL verification' on there. The test URL is another one and works only while you are listening here.",
				name: 'urlNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: [
					'send_external_message',
					'session_state_open',
					'session_state_inprogress',
					'session_state_close',
				],
				options: [
					{
						name: 'External Message Sent',
						value: 'send_external_message',
						description: "An agent used 'Send Message' in the customer view",
					},
					{ name: 'Other', value: 'other', description: 'Events that this node does not know' },
					{ name: 'Session Assigned', value: 'session_state_inprogress' },
					{ name: 'Session Closed', value: 'session_state_close' },
					{ name: 'Session Opened', value: 'session_state_open' },
				],
			},
			{
				displayName:
					'Every call must be signed by Gitple. A call that is not gets status 401 and starts nothing.',
				name: 'signatureNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'App Codes',
						name: 'appCodes',
						type: 'string',
						default: '',
						placeholder: 'e.g. shop, support',
						description: 'Start only for events of these workspaces, separated by commas',
					},
					{
						displayName: 'Assignee Types',
						name: 'assigneeTypes',
						type: 'multiOptions',
						default: [],
						description:
							'Start only for sessions that are assigned to one of these. Events without a session are not affected.',
						options: [
							{ name: 'Agent', value: 'agent' },
							{ name: 'Bot', value: 'bot' },
						],
					},
					{
						displayName: 'Group IDs',
						name: 'groups',
						type: 'string',
						default: '',
						description: 'Start only for users in one of these groups, separated by commas',
					},
					{
						displayName: 'Resolve Names',
						name: 'resolveNames',
						type: 'boolean',
						default: false,
						description:
							'Whether to ask Gitple for the names of tags, categories and groups, which events have by ID only. Needs the Open API Secret. After 5 seconds the event goes on without them.',
					},
					{
						displayName: 'Signature Encoding',
						name: 'signatureEncoding',
						type: 'options',
						default: 'auto',
						description: 'How Gitple writes its signature, which its document does not say',
						options: [
							{ name: 'Base64', value: 'base64' },
							{ name: 'Either', value: 'auto' },
							{ name: 'Hexadecimal', value: 'hex' },
						],
					},
					{
						displayName: 'Tag IDs',
						name: 'tags',
						type: 'string',
						default: '',
						description:
							'Start only for sessions (or, in external messages, users) with one of these tags, separated by commas',
					},
					{
						displayName: 'Time Tolerance (Minutes)',
						name: 'tolerance',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 5,
						description:
							'Refuse events whose signed time is further away from now, before or after. 0 for no limit. How late Gitple repeats a call is not known, so leave this out unless you need it.',
					},
				],
			},
		],
		usableAsTool: undefined,
	};

	webhookMethods = {
		default: {
			/** Gitple has no call to register a webhook: the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Nothing to register, but without a secret no call could ever be accepted. */
			async create(this: IHookFunctions): Promise<boolean> {
				await checkSecrets(
					this,
					'gitpleApi',
					{ webhookSecret: 'Webhook Secret', previousWebhookSecret: 'Previous Webhook Secret' },
					'Enter a random text of 16 characters or more there, and the same in Gitple: Workspace > Settings > Integrations > Event APIs > Secret.',
				);
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

		const header = this.getHeaderData()['x-hub-signature'] as unknown;
		if (header === undefined) return respondUnauthorized(this, 'it is not signed');
		const signature = readSignature(header, options.signatureEncoding ?? 'auto');
		if (signature === undefined) return respondUnauthorized(this, 'its signature cannot be read');
		const body = await rawBodyOf(this);
		if (body.length === 0) return respondUnauthorized(this, 'it has no body');
		const refusal = await verifyAgainstCredential(
			this,
			'gitpleApi',
			['webhookSecret', 'previousWebhookSecret'],
			(secrets) => {
				if ((secrets[0] ?? '').trim() === '') return 'the credential has no webhook secret';
				if (signatureMatches(body, signature, secrets)) return undefined;
				return 'its signature is not of this body with the secret of the credential';
			},
		);
		if (refusal !== undefined) return respondUnauthorized(this, refusal);

		const event = readEvent(body);
		const minutes = options.tolerance ?? 0;
		if (minutes > 0 && !isWithin(minutes, event.time)) {
			return respondUnauthorized(this, `its time is not within ${minutes} minutes of now`);
		}

		const events = this.getNodeParameter('events') as GitpleEventName[];
		if (!events.includes(event.event) || !passesFilters(event, options)) return acknowledge(this);

		// While listening in the editor, sending the same event again is how one tries things out.
		const window = this.getMode() === 'manual' ? undefined : windowOf(this);
		if (window?.admits(body, Date.now()) === false) return acknowledge(this);

		const complete = options.resolveNames === true ? await named(this, event) : event;
		if (window !== undefined) store(this, window);
		return { workflowData: [[{ json: { ...complete } as unknown as IDataObject }]] };
	}
}

/** What has started the workflow so far, as this process or the static data of the node knows it. */
function windowOf(functions: IWebhookFunctions): ReplayWindow {
	const window = replayWindowOf(functions.getWorkflow().id, functions.getNode().id);
	window.recall(functions.getWorkflowStaticData('node').seen, Date.now());
	return window;
}

/**
 * Puts the window into the static data of the node, which n8n saves when it has started the
 * execution, before it answers. Until then n8n forgets that something has changed: preparing the
 * execution, it makes a second workflow around the same data, as one without changes. So the change
 * is made again and again until the answer is out. Saving costs n8n a write of the workflow's whole
 * row; of calls that are under way together, one does it for all.
 */
function store(functions: IWebhookFunctions, window: ReplayWindow): void {
	const staticData = functions.getWorkflowStaticData('node');
	const answer = functions.getResponseObject();
	const repeat = async () => {
		for (let times = 0; times < STORE_REPEATED && !answer.writableEnded; times++) {
			if (window.isStoredBy(answer)) staticData.seen = { ...window.stored() };
			await sleep(STORE_AGAIN_AFTER);
		}
	};
	void repeat();
}

const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function isWithin(minutes: number, time: unknown): boolean {
	if (typeof time !== 'string' || !UTC_TIME.test(time)) return false;
	return Math.abs(Date.now() - Date.parse(time)) <= minutes * 60_000;
}

/** Whether an event passes the filters in the options; an empty filter lets all pass. */
function passesFilters(event: GitpleEvent, options: TriggerOptions): boolean {
	const { user, agent, session, appCode } = event;
	const assigneeTypes = options.assigneeTypes ?? [];
	if (session !== undefined && assigneeTypes.length > 0) {
		if (!assigneeTypes.includes(String(agent?.type))) return false;
	}
	return (
		matchesFilter(options.appCodes, idsIn([appCode ?? null])) &&
		matchesFilter(options.groups, idsIn(user?.groups)) &&
		matchesFilter(options.tags, idsIn(session === undefined ? user?.tags : session.tags))
	);
}

/** The event with its names, or as it is where they cannot be had: an event must not be lost. */
async function named(functions: IWebhookFunctions, event: GitpleEvent): Promise<GitpleEvent> {
	const done = new AbortController();
	const late = sleep(NAMES_WITHIN, done.signal).then(
		() => `Gitple did not name them within ${NAMES_WITHIN / 1000} seconds`,
		() => '',
	);
	const resolved = connectGitple(functions, NAMES_WITHIN).then(
		async ({ api, redact }) =>
			await eventWithNames(api, event).catch((error: unknown) =>
				redact(error instanceof Error ? error.message : 'for an unknown reason'),
			),
		() => 'the credential could not be read',
	);
	const found = await Promise.race([late, resolved]);
	done.abort();
	if (typeof found !== 'string') return found;
	functions.logger.warn(`${functions.getNode().name}: an event goes without names: ${found}`);
	return event;
}
