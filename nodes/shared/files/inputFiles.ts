import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../errors';
import type { ProviderError } from '../errors';
import { isJsonObject, kindOf } from '../json';
import type { ItemContext } from '../operation/define';
import { shortened } from '../text';
import { readBase64 } from './base64';
import { extensionFor, plainType, typeFor, UNKNOWN_TYPE } from './fileTypes';
import type { UploadFile } from './UploadFile';

/** n8n's object for a file, of which an expression or code may have made anything. */
type FileObject = Readonly<Record<string, unknown>>;

/** What a field for files holds: names of binary fields, or the files themselves. */
export type FileReference = string | FileObject;

/**
 * Reads a field for files: names with commas between them, or from an expression a list, a file such
 * as `$binary.data`, or several such as `$binary`.
 *
 * @param label the field's place in the panel
 * @throws ProviderError (`invalid`) if it is none of these
 */
export function fileReferences(value: unknown, label: string): FileReference[] {
	if (Array.isArray(value)) {
		const found = value.flatMap((entry) => referencesIn(entry, label));
		if (found.length > 0) return found;
		throw invalidInput(
			`'${label}' is an empty list`,
			'Enter the name of a binary field, or check the expression in this field.',
		);
	}
	return referencesIn(value, label);
}

function referencesIn(value: unknown, label: string): FileReference[] {
	if (typeof value === 'string') return [value];
	if (isFile(value)) return [value];
	const files: unknown[] = isJsonObject(value) ? Object.values(value) : [];
	if (files.length > 0 && files.every(isFile)) return files;
	throw invalidInput(
		`'${label}' needs the name of a binary field or a file, but was given ${kindOf(value)}`,
		'Check the expression in this field. To send several files, give a list of names or of files, or make one item per file.',
	);
}

/** Whether a value is n8n's object for a file, and not an item's files, one of which may be `data`. */
function isFile(value: unknown): value is FileObject {
	if (!isJsonObject(value)) return false;
	const { data } = value;
	const isFolder = isJsonObject(data) && describesFile(data) && !isBytes(data);
	return describesFile(value) && !isFolder;
}

function describesFile(value: FileObject): boolean {
	return isId(value.id) || ['data', 'mimeType'].some((key) => Object.hasOwn(value, key));
}

function isId(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

/**
 * The files that a field names, in its order, each once. Their bytes are read when they are sent.
 *
 * @param label the field, as the user sees it
 * @param fileName the name of the file, if not its own; of several, the others are numbered
 * @throws ProviderError (`invalid`) if one is not there, is empty, or cannot be read
 */
export async function inputFiles(
	{ functions, itemIndex }: ItemContext,
	references: readonly FileReference[],
	label: string,
	fileName = '',
): Promise<UploadFile[]> {
	const find = finderOf(functions, itemIndex);
	const files = new Map<FileReference, FileObject>();
	for (const reference of references) {
		const whole = find(reference);
		const names = typeof reference === 'string' && whole === undefined ? namesIn(reference) : [];
		if (whole !== undefined) files.set(reference, whole);
		for (const name of names) {
			const file = find(name);
			if (file !== undefined) files.set(name, file);
			else throw noFile(name, label, functions, itemIndex, names.length + references.length > 2);
		}
	}
	const name = fileName.trim();
	return await Promise.all(
		[...files].map(async ([reference, file], index) => {
			const place = typeof reference === 'string' ? reference : label;
			return await uploadOf(functions, file, numbered(name, index), place);
		}),
	);
}

/** A name may contain a comma, so the whole is looked for first. Never without any name. */
function namesIn(text: string): string[] {
	const names = text.split(/[,\n]/).map((name) => name.trim());
	const filled = names.filter((name) => name !== '');
	return filled.length === 0 ? [text] : filled;
}

/** Looks for files where n8n itself does, and where it puts them on other hosts and in other modes. */
function finderOf(functions: IExecuteFunctions, itemIndex: number) {
	const item = functions.getInputData()[itemIndex];
	const folders = [item?.binary, item?.json._files];
	return (reference: FileReference): FileObject | undefined => {
		if (typeof reference !== 'string') {
			return hasContent(reference) ? reference : describedBy(reference, folders);
		}
		const name = reference.trim();
		try {
			// It knows every form of this host, and throws for what it does not know.
			const found: unknown = functions.helpers.assertBinaryData(itemIndex, name);
			if (isFile(found)) return found;
		} catch {
			// Looked for below, so that all hosts answer with the same sentence.
		}
		const key = name.replace(/^_files\./, '');
		const folder = folders.find((each) => isJsonObject(each) && Object.hasOwn(each, key));
		return asFile((folder as FileObject | undefined)?.[key]);
	};
}

function hasContent(file: FileObject): boolean {
	return isId(file.id) || Object.hasOwn(file, 'data');
}

/**
 * The item's file with this description: `$binary.data` is a file without its content where n8n keeps
 * the content in the item.
 */
function describedBy(description: FileObject, folders: readonly unknown[]): FileObject {
	const entries = Object.entries(description);
	const files = folders.flatMap((each) => (isJsonObject(each) ? Object.values(each) : []));
	const found = files.find(
		(file) => isFile(file) && entries.every(([key, value]) => file[key] === value),
	);
	return (found as FileObject | undefined) ?? description;
}

/** Code may have put the content itself where n8n has an object. */
function asFile(found: unknown): FileObject | undefined {
	const isContent = typeof found === 'string' || isBytes(found);
	return isContent ? { data: found } : isFile(found) ? found : undefined;
}

function noFile(
	name: string,
	label: string,
	functions: IExecuteFunctions,
	itemIndex: number,
	isOneOfSeveral: boolean,
): ProviderError {
	const item = functions.getInputData()[itemIndex];
	const combined = item?.json._files;
	const others = [
		...Object.keys(item?.binary ?? {}),
		...Object.keys(isJsonObject(combined) ? combined : {}).map((key) => `_files.${key}`),
	];
	const shown = others.slice(0, MOST_NAMES).map((other) => `'${shortened(other)}'`);
	if (others.length > shown.length) shown.push(`${others.length - shown.length} more`);
	return invalidInput(
		`The input item has no file in '${shortened(name)}'`,
		[
			`Check '${label}'.`,
			others.length === 0
				? 'The item has no files at all. A previous node may have dropped the binary data.'
				: `The item has: ${shown.join(', ')}.`,
			...(isOneOfSeveral
				? ['All files of a list have to be in the same item; otherwise, make one item per file.']
				: []),
			'Nothing was sent.',
		].join(' '),
	);
}

/** Names of other fields that an error mentions. */
const MOST_NAMES = 10;

/** Where the bytes are, and what is known of them there. */
interface Content extends Pick<UploadFile, 'size' | 'open'> {
	mimeType?: string;
	fileName?: string;
}

async function uploadOf(
	functions: IExecuteFunctions,
	file: FileObject,
	wantedName: string,
	place: string,
): Promise<UploadFile> {
	const ownName = wantedName || nameIn(file.fileName);
	const shownName = ownName === '' ? `in '${shortened(place)}'` : `'${shortened(ownName)}'`;
	const content = isId(file.id)
		? await storedContent(functions, file.id, shownName)
		: inlineContent(file.data, shownName);
	if (content.size === 0) {
		throw invalidInput(`The file ${shownName} is empty`, 'Nothing was sent.');
	}
	const givenName = ownName || nameIn(content.fileName);
	const mimeType =
		typeIn(file.mimeType) ?? typeIn(content.mimeType) ?? typeFor(givenName) ?? UNKNOWN_TYPE;
	const extension = extensionIn(file.fileExtension) ?? extensionFor(mimeType) ?? 'bin';
	return {
		name: givenName || `file.${extension}`,
		mimeType,
		size: content.size,
		open: content.open,
	};
}

/** A file that n8n keeps outside of the item. */
async function storedContent(
	{ helpers }: IExecuteFunctions,
	id: string,
	shownName: string,
): Promise<Content> {
	const gone = () => {
		throw missingFile(shownName);
	};
	const { fileSize, mimeType, fileName } = await helpers.getBinaryMetadata(id).catch(gone);
	const open = async () => await helpers.getBinaryStream(id).catch(gone);
	if (Number.isSafeInteger(fileSize)) return { size: fileSize, mimeType, fileName, open };
	// The size has to be announced.
	const bytes = await helpers.binaryToBuffer(await open());
	return { size: bytes.length, mimeType, fileName, open: async () => await Promise.resolve(bytes) };
}

function missingFile(shownName: string): ProviderError {
	return invalidInput(
		`The file ${shownName} no longer exists`,
		'n8n deletes files some time after an execution. Run the workflow again from the node that loads the file. Nothing was sent.',
	);
}

/** A file whose bytes stand in the item itself. */
function inlineContent(data: unknown, shownName: string): Content {
	if (isBytes(data)) {
		const bytes = Buffer.from('data' in data ? data.data : data);
		return { size: bytes.length, open: async () => await Promise.resolve(bytes) };
	}
	const base64 = typeof data === 'string' ? readBase64(data) : undefined;
	if (base64 === undefined) {
		throw invalidInput(
			`The content of the file ${shownName} is not Base64`,
			`${typeof data === 'string' ? '' : `It is ${kindOf(data)}. `}The 'data' of a file has to be its bytes in Base64, for example Buffer.from(text).toString('base64') in a Code node. Nothing was sent.`,
		);
	}
	const { size, mimeType, decode } = base64;
	return { size, mimeType, open: async () => await Promise.resolve(decode()) };
}

/** A Buffer, or what becomes of one on its way out of a Code node. */
function isBytes(value: unknown): value is Uint8Array | { data: number[] } {
	if (value instanceof Uint8Array) return true;
	return isJsonObject(value) && value.type === 'Buffer' && Array.isArray(value.data);
}

function nameIn(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function typeIn(value: unknown): string | undefined {
	return typeof value === 'string' && plainType(value) !== '' ? value.trim() : undefined;
}

function extensionIn(value: unknown): string | undefined {
	return typeof value === 'string' ? /^\.?([\w-]{1,20})$/.exec(value.trim())?.[1] : undefined;
}

/** `invoice.pdf`, `invoice (2).pdf`, … */
function numbered(name: string, index: number): string {
	if (name === '' || index === 0) return name;
	return name.replace(/(\.[^.]+)?$/, (extension) => ` (${index + 1})${extension}`);
}
