import type { IDataObject } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import { MEGABYTE } from '../../shared/files/download';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { operationsOf, OutputItem } from '../../shared/operation/define';
import { optionsCollection } from '../../shared/parameters/builders';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { textOf } from '../api/wire/fields';
import { messageIn } from '../api/wire/messages';
import { omitEmpty } from './outputs';

const operation = operationsOf<VoxfreeApi>();

/** A file of a message, and the message that it belongs to. */
interface FileLink {
	url: string;
	fileName?: string;
	messageId?: string;
	protocol?: string;
}

/**
 * The files of a message, as the trigger and other operations put it out, or as Voxfree itself writes
 * it; of several messages, all files in their order. An event is about one message, and others in it
 * are the ones before; one of collected messages, which has their texts, is about all of them.
 */
function linksIn(value: JsonValue): FileLink[] {
	if (Array.isArray(value)) return value.flatMap(linksIn);
	if (!isJsonObject(value)) return [];
	const own = linkIn(value);
	const { message, messages, text } = value;
	if (own.length > 0) return own;
	if (isJsonObject(message) && typeof text !== 'string') return linkIn(message);
	return linksIn(Array.isArray(messages) ? messages : (message ?? null));
}

function linkIn(entry: JsonValue): FileLink[] {
	if (!isJsonObject(entry)) return [];
	const raw = messageIn(entry);
	const text = (name: string) => textOf(entry[name]);
	const url = text('fileUrl') ?? raw.fileUrl;
	if (url === undefined) return [];
	return [
		{
			url,
			fileName: text('fileName') ?? raw.fileName,
			messageId: text('messageId') ?? raw.messageId,
			protocol: text('protocol') ?? raw.protocol,
		},
	];
}

interface SourceValues {
	source: 'message' | 'url';
	message?: JsonValue;
	fileUrl?: string;
}

function filesOf({ source, message, fileUrl = '' }: SourceValues): FileLink[] {
	const links = source === 'url' ? [{ url: fileUrl }] : linksIn(message ?? null);
	if (links.length > 0) return links;
	throw invalidInput(
		"The message in 'Message' has no file",
		"A message with a file has 'fileUrl'. Nothing was requested. To let messages without a file pass, put an If node before this one that checks it.",
	);
}

const fileSizeLimit = {
	displayName: 'File Size Limit (MB)',
	name: 'fileSizeLimit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 100,
	description: 'Largest file to download, in megabytes. The download of a larger one is stopped.',
} as const;

export const downloadFile = operation({
	name: 'Download File',
	value: 'downloadFile',
	action: 'Download file',
	description:
		'Download the image, audio, video or document of a message that a contact has sent, into a binary field',
	parameters: [
		{
			displayName: 'File From',
			name: 'source',
			type: 'options',
			default: 'message',
			description: 'Where the link to the file stands',
			options: [
				{
					name: 'Message',
					value: 'message',
					description: 'In a message from the Voxfree Trigger or another operation',
				},
				{ name: 'URL', value: 'url', description: 'In a field of its own' },
			],
		},
		{
			displayName: 'Message',
			name: 'message',
			type: 'json',
			displayOptions: { show: { source: ['message'] } },
			required: true,
			default: '={{ $json }}',
			description:
				"The message, or the event of the Voxfree Trigger that holds it. Of a list, such as 'messages', each file becomes an item.",
		},
		{
			displayName: 'File URL',
			name: 'fileUrl',
			type: 'string',
			displayOptions: { show: { source: ['url'] } },
			required: true,
			default: '',
			placeholder: 'e.g. {{ $json.message.fileUrl }}',
			description:
				"Link to the file: 'fileUrl' of a message. Only https links are followed, without the credential.",
		},
		{
			displayName: 'Put Output File in Field',
			name: 'binaryPropertyName',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the output binary field to put the file in',
			description:
				'Name of the binary field of the output item that gets the file. Later nodes look for it there.',
		},
		optionsCollection([
			{
				displayName: 'File Name',
				name: 'fileName',
				type: 'string',
				default: '',
				placeholder: 'e.g. invoice.pdf',
				description: 'Name of the file. If empty, the one that the contact or the server gave it.',
			},
			fileSizeLimit,
		]),
	],
	check: (values, voxfree) => {
		for (const { url } of filesOf(values)) voxfree.files.check(url);
	},
	execute: async (voxfree, values) => {
		const { binaryPropertyName, options } = values;
		const outputs: OutputItem[] = [];
		for (const { url, fileName, ...about } of filesOf(values)) {
			const { binary, name, mimeType, size } = await voxfree.files.download({
				url,
				fileName: options.fileName || fileName,
				largest: (options.fileSizeLimit ?? fileSizeLimit.default) * MEGABYTE,
			});
			outputs.push(
				new OutputItem(
					{ ...omitEmpty(about), fileName: name, mimeType, fileSize: size } as IDataObject,
					{ binary: { [binaryPropertyName.trim()]: binary } },
				),
			);
		}
		return outputs;
	},
});
