import type { INodeProperties } from 'n8n-workflow';
import type { SecretLocation, Verification } from './verify';

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

/** The optional settings of a trigger, in the alphabetical order that n8n asks for. */
export function triggerOptions(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		description: 'Settings that most workflows do not need',
		options: [...options].sort((a, b) => (a.displayName < b.displayName ? -1 : 1)),
	};
}

/** How the user sees the shared secret of a provider that does not sign its requests. */
export interface SharedSecretTexts {
	provider: string;
	/** What is possible without verification. */
	none: string;
	/** Who sends the header. */
	header: string;
	/** How to set the header up, if the provider itself sends it. */
	headerNotice?: string;
}

/** Whether and where requests carry a shared secret, and how to set that up. */
export function sharedSecretParameters({
	provider,
	none,
	header,
	headerNotice,
}: SharedSecretTexts): INodeProperties[] {
	const notice = (verification: Verification, text: string): INodeProperties => ({
		displayName: text,
		name: `${verification}Notice`,
		type: 'notice',
		default: '',
		displayOptions: { show: { verification: [verification] } },
	});
	return [
		{
			displayName: 'Verification',
			name: 'verification',
			type: 'options',
			// Nothing that an expression fails to yield may turn the verification off.
			required: true,
			default: 'none',
			description: `How to verify that a request comes from ${provider}, which does not sign its requests`,
			options: [
				{ name: 'None', value: 'none', description: none },
				{ name: 'Secret in Header', value: 'header', description: header },
				{
					name: 'Secret in URL',
					value: 'query',
					description: `The URL in ${provider} ends with ?secret= and the webhook secret, of letters, digits, - and _`,
				},
			],
		},
		notice('none', `${none}. Choose another verification before you publish the workflow.`),
		...(headerNotice === undefined ? [] : [notice('header', headerNotice)]),
		notice(
			'query',
			`In ${provider}, add <code>?secret=</code> and the 'Webhook Secret' of the credential, which must consist of letters, digits, - and _, to the end of the URL. Requests without it get status 401 and do not start the workflow.`,
		),
	];
}

/** The options of a trigger with a shared secret. The names are the defaults of their fields. */
export function sharedSecretOptions({ headerName, queryName }: SecretLocation): INodeProperties[] {
	return [
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: headerName,
			description: "Header that holds the secret, for 'Secret in Header'",
			displayOptions: { show: { '/verification': ['header'] } },
		},
		{
			displayName: 'Include Headers',
			name: 'includeHeaders',
			type: 'boolean',
			default: false,
			description:
				'Whether to add the headers of the request to the output, except those that hold secrets',
		},
		{
			displayName: 'Query Parameter Name',
			name: 'queryName',
			type: 'string',
			default: queryName,
			description: "Query parameter that holds the secret, for 'Secret in URL'",
			displayOptions: { show: { '/verification': ['query'] } },
		},
	];
}
