import { isCancelled } from '../../shared/cancellation';
import { ProviderError } from '../../shared/errors';
import { fileReferences, inputFiles } from '../../shared/files/inputFiles';
import type { UploadFile } from '../../shared/files/UploadFile';
import { optionsCollection } from '../../shared/parameters/builders';
import { operationsOf } from '../../shared/operation/define';
import type { Output } from '../../shared/operation/define';
import { shortened } from '../../shared/text';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { sentMessageOutput } from './outputs';
import { conversation, details, orderingKeyOf, referenceOf, replyTo, simplify } from './parameters';
import {
	checkTemplate,
	fallbackTemplate,
	ifWindowUnknown,
	outsideWindow,
	withinWindow,
} from './window';

const operation = operationsOf<VoxfreeApi>();

const FILE_FIELD = 'Input Binary Field';

/** One message for each file, in their order. After the first failure, the others are not sent. */
async function sendEach(
	files: readonly UploadFile[],
	send: (file: UploadFile, index: number) => Promise<Output>,
): Promise<Output> {
	const outputs: Output[] = [];
	for (const [index, file] of files.entries()) {
		try {
			outputs.push(await send(file, index));
		} catch (error) {
			throw index === 0 ? error : partlySent(error, files, index);
		}
	}
	return outputs.flat();
}

/**
 * The error for a file after others have been sent. Its kind says that the outcome of the whole is not
 * that nothing happened, so that nothing sends the first ones again.
 */
function partlySent(error: unknown, files: readonly UploadFile[], failed: number): unknown {
	if (!(error instanceof ProviderError) || isCancelled(error)) return error;
	const { message, reason, consequence, description, httpStatus } = error;
	const names = files.map(({ name }) => `'${shortened(name)}'`);
	const open = files.length - failed - 1;
	const sent = `This was file ${failed + 1} of ${files.length}, ${names[failed]}. Sent before it: ${names.slice(0, failed).join(', ')}`;
	return new ProviderError(message, {
		kind: 'interrupted',
		reason,
		consequence: consequence === undefined ? sent : `${consequence}. ${sent}`,
		description: [
			description?.replace(/\b([Nn])othing was sent\b/g, '$1othing of this file was sent'),
			...(open === 0 ? [] : [`Not sent: ${names.slice(failed + 1).join(', ')}.`]),
		]
			.filter(Boolean)
			.join(' '),
		httpStatus,
	});
}

export const sendFile = operation({
	name: 'Send File',
	value: 'sendFile',
	action: 'Send file to contact',
	description: 'Send an image, audio, video or document from a binary field to the contact',
	parameters: [
		conversation,
		{
			displayName: FILE_FIELD,
			name: 'binaryField',
			type: 'string',
			read: fileReferences,
			default: 'data',
			required: true,
			placeholder: 'e.g. data',
			hint: 'The name of the input binary field containing the file to be sent',
			description:
				'Several names, separated by commas, send one message each, in this order. An expression may also give the file itself, such as $binary.data, or a list.',
		},
		{
			displayName: 'Caption',
			name: 'caption',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. Here is your invoice',
			description: 'Text to send with the file. Of several files, the first has it.',
		},
		outsideWindow,
		ifWindowUnknown,
		fallbackTemplate,
		details,
		optionsCollection([
			{
				displayName: 'File Name',
				name: 'fileName',
				type: 'string',
				default: '',
				placeholder: 'e.g. invoice.pdf',
				description:
					'Name that the contact sees. If empty, the name in the binary field. Of several files, the others are numbered.',
			},
			replyTo,
		]),
		simplify,
	],
	orderingKey: orderingKeyOf,
	check: async (values, _api, context) => {
		checkTemplate(values);
		await inputFiles(context, values.binaryField, FILE_FIELD);
	},
	execute: async (voxfree, values, context) => {
		const { protocol, binaryField, caption, options, simplify } = values;
		const files = await inputFiles(context, binaryField, FILE_FIELD, options.fileName);
		const to = referenceOf(values);
		const send = async (file: UploadFile, index: number) =>
			sentMessageOutput(
				protocol,
				await voxfree.sendFile(to, file, index === 0 ? caption : '', options.replyToMessageId),
				simplify,
			);
		return await withinWindow(voxfree, values, async () => await sendEach(files, send));
	},
});
