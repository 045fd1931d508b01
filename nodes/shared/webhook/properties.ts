import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/**
 * The parameters that webhook triggers have in common. Names and values are stored in people's
 * workflows and never change.
 */

/**
 * Says where to paste the URL, because these providers have no call to register a webhook.
 *
 * @param destination where the provider takes the production URL; ends with a period
 */
export function urlNotice(destination: string): INodeProperties {
	return {
		displayName: `Open <b>Webhook URLs</b> above and copy the production URL to ${destination} The test URL is different and works only while this node listens for a test event.`,
		name: 'urlNotice',
		type: 'notice',
		default: '',
	};
}

/** The events that start the workflow. */
export function triggerOn(
	options: INodePropertyOptions[],
	preselected: readonly string[],
): INodeProperties {
	return {
		displayName: 'Trigger On',
		name: 'events',
		type: 'multiOptions',
		required: true,
		default: [...preselected],
		options,
	};
}

/** The optional settings of a trigger. */
export function triggerOptions(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
	};
}

/** How the user sees the verification of one provider's requests. */
export interface VerificationTexts {
	provider: string;
	/** What is possible without verification. */
	none: string;
	/** Who sends the header. */
	header: string;
}

/** Whether and where requests of a provider without signatures carry a shared secret. */
export function verification({ provider, none, header }: VerificationTexts): INodeProperties {
	return {
		displayName: 'Verification',
		name: 'verification',
		type: 'options',
		default: 'none',
		description: `How to verify that a request comes from ${provider}, which does not sign its requests`,
		options: [
			{ name: 'None', value: 'none', description: none },
			{ name: 'Secret in Header', value: 'header', description: header },
			{
				name: 'Secret in URL',
				value: 'query',
				description: `The URL in ${provider} ends with ?secret= and the webhook secret`,
			},
		],
	};
}

/** How to put the secret into the URL, shown for 'Secret in URL'. */
export function queryNotice(provider: string): INodeProperties {
	return {
		displayName: `In ${provider}, add <code>?secret=</code> and the 'Webhook Secret' of the credential to the end of the URL. Requests without it get status 401 and do not start the workflow.`,
		name: 'queryNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { verification: ['query'] } },
	};
}

/** The option for the header of 'Secret in Header'. */
export function headerName(defaultName: string): INodeProperties {
	return {
		displayName: 'Header Name',
		name: 'headerName',
		type: 'string',
		default: defaultName,
		description: "Header that holds the secret, for 'Secret in Header'",
		displayOptions: { show: { '/verification': ['header'] } },
	};
}

/** The option for the query parameter of 'Secret in URL'. */
export function queryName(defaultName: string): INodeProperties {
	return {
		displayName: 'Query Parameter Name',
		name: 'queryName',
		type: 'string',
		default: defaultName,
		description: "Query parameter that holds the secret, for 'Secret in URL'",
		displayOptions: { show: { '/verification': ['query'] } },
	};
}

export const includeHeaders: INodeProperties = {
	displayName: 'Include Headers',
	name: 'includeHeaders',
	type: 'boolean',
	default: false,
	description:
		'Whether to add the headers of the request to the output, except those that hold secrets',
};
