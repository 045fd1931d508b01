/*
 * What is asked, in the names and values of n8n's own nodes: n8n builds the human review of AI agents
 * from them, and replaces `message`, `responseType` and `operation` there.
 */

const formFields = {
	displayName: 'Form Fields',
	name: 'formFields',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Form Field',
	default: {},
	displayOptions: { show: { responseType: ['customForm'], defineForm: ['fields'] } },
	description: 'Fields of the form, in their order',
	options: [
		{
			displayName: 'Field',
			name: 'values',
			values: [
				{
					displayName: 'Default Value',
					name: 'defaultValue',
					type: 'string',
					default: '',
					placeholder: 'e.g. 2026-01-31',
					description:
						'What the field holds at first. A date is written as 2026-01-31. Of checkboxes, several are written with commas between them.',
				},
				{
					displayName: 'Element Type',
					name: 'fieldType',
					type: 'options',
					default: 'text',
					description: 'What the person can enter',
					options: [
						{
							name: 'Checkboxes',
							value: 'checkbox',
							description: 'Any number of the options',
						},
						{
							name: 'Date',
							value: 'date',
							description: 'A day, from a calendar',
						},
						{
							name: 'Dropdown',
							value: 'dropdown',
							description: 'One of the options in a list, or several with Multiple Choice',
						},
						{
							name: 'Email',
							value: 'email',
							description: 'An email address',
						},
						{
							name: 'Number',
							value: 'number',
							description: 'A number, also with decimals',
						},
						{
							name: 'Radio Buttons',
							value: 'radio',
							description: 'One of the options, all of them in view',
						},
						{
							name: 'Text Input',
							value: 'text',
							description: 'A short text on one line',
						},
						{
							name: 'Textarea',
							value: 'textarea',
							description: 'A text of several lines',
						},
					],
				},
				{
					displayName: 'Field Options',
					name: 'fieldOptions',
					type: 'fixedCollection',
					typeOptions: { multipleValues: true, sortable: true },
					default: {},
					displayOptions: { show: { fieldType: ['checkbox', 'dropdown', 'radio'] } },
					placeholder: 'Add Field Option',
					description: 'What the person can choose from',
					options: [
						{
							displayName: 'Values',
							name: 'values',
							values: [
								{
									displayName: 'Option',
									name: 'option',
									type: 'string',
									default: '',
									placeholder: 'e.g. Delivery',
									description: 'Text of the choice, and its value in the output',
								},
							],
						},
					],
				},
				{
					displayName: 'Label',
					name: 'fieldLabel',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. What is your name?',
					description: 'Label above the field, and its name in the output',
				},
				{
					displayName: 'Multiple Choice',
					name: 'multiselect',
					type: 'boolean',
					default: false,
					displayOptions: { show: { fieldType: ['dropdown'] } },
					description: 'Whether several options can be chosen',
				},
				{
					displayName: 'Placeholder',
					name: 'placeholder',
					type: 'string',
					default: '',
					placeholder: 'e.g. Ana Souza',
					displayOptions: { show: { fieldType: ['email', 'number', 'text', 'textarea'] } },
					description: 'Sample text inside the empty field',
				},
				{
					displayName: 'Required Field',
					name: 'requiredField',
					type: 'boolean',
					default: false,
					description: 'Whether the person has to fill in the field',
				},
			],
		},
	],
} as const;

const limitWaitTime = {
	displayName: 'Limit Wait Time',
	name: 'limitWaitTime',
	type: 'fixedCollection',
	description:
		'How long to wait for the answer. After that the execution goes on with the input items.',
	default: { values: { limitType: 'afterTimeInterval', resumeAmount: 45, resumeUnit: 'minutes' } },
	options: [
		{
			displayName: 'Values',
			name: 'values',
			values: [
				{
					displayName: 'Limit Type',
					name: 'limitType',
					type: 'options',
					default: 'afterTimeInterval',
					description: 'What ends the wait',
					options: [
						{
							name: 'After Time Interval',
							value: 'afterTimeInterval',
							description: 'Waits for a certain amount of time',
						},
						{
							name: 'At Specified Time',
							value: 'atSpecifiedTime',
							description: 'Waits until the set date and time',
						},
					],
				},
				{
					displayName: 'Amount',
					name: 'resumeAmount',
					type: 'number',
					typeOptions: { minValue: 0, numberPrecision: 2 },
					default: 1,
					displayOptions: { show: { limitType: ['afterTimeInterval'] } },
					description: 'The time to wait',
				},
				{
					displayName: 'Unit',
					name: 'resumeUnit',
					type: 'options',
					default: 'hours',
					displayOptions: { show: { limitType: ['afterTimeInterval'] } },
					description: 'Unit of the amount',
					options: [
						{
							name: 'Minutes',
							value: 'minutes',
							description: 'For an answer while somebody is waiting',
						},
						{ name: 'Hours', value: 'hours', description: 'For an answer within the working day' },
						{ name: 'Days', value: 'days', description: 'For an answer that may take longer' },
					],
				},
				{
					displayName: 'Max Date and Time',
					name: 'maxDateAndTime',
					type: 'dateTime',
					default: '',
					displayOptions: { show: { limitType: ['atSpecifiedTime'] } },
					description: 'When to go on without an answer',
				},
			],
		},
	],
} as const;

/** Options of the operation; more of the provider's may stand beside them. */
export const questionOptions = [
	{
		displayName: 'Confirmation Text',
		name: 'confirmationText',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. Thank you, we will take care of it',
		description: 'Text on the page after the answer',
	},
	limitWaitTime,
	{
		displayName: 'Message Button Label',
		name: 'messageButtonLabel',
		type: 'string',
		default: '',
		placeholder: 'e.g. Respond',
		description: 'Text of the link or button that opens the page',
	},
	{
		displayName: 'Page Language',
		name: 'pageLanguage',
		type: 'options',
		default: 'en',
		description: 'Language of everything on the page that you have not written yourself',
		options: [
			{ name: 'English', value: 'en', description: 'For persons who read English' },
			{ name: 'Korean', value: 'ko', description: 'For persons who read Korean' },
			{ name: 'Portuguese', value: 'pt', description: 'For persons who read Portuguese' },
		],
	},
	{
		displayName: 'Response Form Button Label',
		name: 'responseFormButtonLabel',
		type: 'string',
		default: '',
		placeholder: 'e.g. Submit',
		description: 'Text of the button that sends a free text or a form',
	},
	{
		displayName: 'Response Form Description',
		name: 'responseFormDescription',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. The customer returned the goods',
		description: 'Text on the page, above the buttons or fields. If empty, the message.',
	},
	{
		displayName: 'Response Form Title',
		name: 'responseFormTitle',
		type: 'string',
		default: '',
		placeholder: 'e.g. Approve the refund',
		description: 'Title of the page',
	},
] as const;

/** What is asked. The provider's own parameters stand before them. */
export const questionParameters = [
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		placeholder: 'e.g. Shall we refund order 12?',
		description: 'The question. The link to the page with the answers is added to it.',
	},
	{
		displayName: 'Response Type',
		name: 'responseType',
		type: 'options',
		default: 'approval',
		description: 'How the person can answer',
		options: [
			{ name: 'Approval', value: 'approval', description: 'One or two buttons' },
			{ name: 'Free Text', value: 'freeText', description: 'A text of any kind' },
			{ name: 'Custom Form', value: 'customForm', description: 'A form with your own fields' },
		],
	},
	{
		displayName: 'Define Form',
		name: 'defineForm',
		type: 'options',
		noDataExpression: true,
		default: 'fields',
		displayOptions: { show: { responseType: ['customForm'] } },
		description: 'Where the fields of the form come from',
		options: [
			{ name: 'Using Fields Below', value: 'fields', description: 'Add the fields one by one' },
			{
				name: 'Using JSON',
				value: 'json',
				description: 'Write them as a list, or make them with an expression',
			},
		],
	},
	{
		displayName: 'Form Fields',
		name: 'jsonOutput',
		type: 'json',
		typeOptions: { rows: 5 },
		default:
			'[\n  {\n    "fieldLabel": "Name",\n    "requiredField": true\n  },\n  {\n    "fieldLabel": "Reason",\n    "fieldType": "dropdown",\n    "fieldOptions": { "values": [{ "option": "Delivery" }, { "option": "Price" }] }\n  }\n]',
		displayOptions: { show: { responseType: ['customForm'], defineForm: ['json'] } },
		description: 'List of fields, written as for the n8n Form node',
	},
	formFields,
	{
		displayName: 'Approval Options',
		name: 'approvalOptions',
		type: 'fixedCollection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: { responseType: ['approval'] } },
		description: 'The buttons on the page',
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Type of Approval',
						name: 'approvalType',
						type: 'options',
						default: 'single',
						description: 'Which buttons the page has',
						options: [
							{
								name: 'Approve Only',
								value: 'single',
								description: 'One button, where no other answer is needed',
							},
							{
								name: 'Approve and Disapprove',
								value: 'double',
								description: 'Two buttons, where the person may refuse',
							},
						],
					},
					{
						displayName: 'Approve Button Label',
						name: 'approveLabel',
						type: 'string',
						default: '',
						placeholder: 'e.g. Approve',
						description: "If empty, 'Approve' in the language of the page",
					},
					{
						displayName: 'Disapprove Button Label',
						name: 'disapproveLabel',
						type: 'string',
						default: '',
						placeholder: 'e.g. Decline',
						displayOptions: { show: { approvalType: ['double'] } },
						description: "If empty, 'Decline' in the language of the page",
					},
				],
			},
		],
	},
] as const;
