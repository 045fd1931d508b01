import { answerOperation } from '../answer/define';

export const sendNothing = answerOperation({
	name: 'Send Nothing',
	value: 'sendNothing',
	action: 'Send nothing to contact',
	description: 'End a branch without a message to the contact',
	answers: ['botMenu', 'scheduledMessage'],
	parameters: [
		{
			displayName:
				"SimplesDesk's document describes no answer that means 'send nothing', only that nothing is sent if an integration fails. So this operation answers with an error status on purpose, and SimplesDesk's report shows a failure. In a bot menu, the contact gets the initial menu.",
			name: 'statusNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { as: ['error'] } },
		},
		{
			displayName:
				"SimplesDesk's document does not describe an empty list. Test with your account whether it counts as no message.",
			name: 'emptyNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { as: ['emptyList'] } },
		},
		{
			displayName: 'Answer With',
			name: 'as',
			type: 'options',
			default: 'error',
			description: 'How SimplesDesk is told that there is no message',
			options: [
				{
					name: 'Empty List',
					value: 'emptyList',
					description: 'Status 200 and [], which is not in the document',
				},
				{
					name: 'Error Status',
					value: 'error',
					description: 'Status 422; according to the document, nothing is sent then',
				},
			],
		},
		{
			displayName: 'Reason',
			name: 'reason',
			type: 'string',
			default: '',
			placeholder: 'e.g. The invoice has been paid',
			description: "Sent with the answer, for those who read SimplesDesk's report",
			displayOptions: { show: { as: ['error'] } },
		},
	],
	compose: ({ as, reason = '' }) =>
		as === 'emptyList'
			? { form: 'nothing', status: 200, body: [] }
			: {
					form: 'nothing',
					// A 5xx invites callers to try again.
					status: 422,
					body: { message: reason.trim() || 'The workflow decided to send nothing' },
				},
	label: (field) => field,
});
