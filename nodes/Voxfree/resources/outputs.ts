import type { IDataObject } from 'n8n-workflow';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { listItems } from '../../shared/operation/listItems';
import type { ItemContext } from '../../shared/operation/define';
import { messageIn, messagesIn } from '../api/wire/messages';

/** How Voxfree's answers become output items. */

/** An object without the fields that are undefined. */
export function omitEmpty(object: object): IDataObject {
	return Object.fromEntries(
		Object.entries(object).filter(([, value]) => value !== undefined),
	) as IDataObject;
}

/** An answer as it came. Anything but an object or a list of objects is wrapped in one. */
export function rawOutput(answer: JsonValue): IDataObject | IDataObject[] {
	if (Array.isArray(answer) && answer.every(isJsonObject)) return answer as IDataObject[];
	return isJsonObject(answer) ? (answer as IDataObject) : { value: answer };
}

/**
 * What an operation has done, or Voxfree's raw answer.
 *
 * @param fields what the operation has changed, in plain words
 */
export function successOutput(
	fields: IDataObject,
	answer: JsonValue,
	simplify: boolean,
): IDataObject | IDataObject[] {
	return simplify ? { success: true, ...fields } : rawOutput(answer);
}

/** As many entries of a list as the user wants, translated or as they came. */
export async function listOutput(
	reading: Promise<readonly JsonObject[]>,
	values: Parameters<typeof listItems>[1] & { simplify: boolean },
	context: ItemContext,
	translate: (entry: JsonObject) => object,
): Promise<IDataObject[]> {
	return await listItems(reading, values, context, values.simplify ? translate : undefined);
}

export function messageOutput(entry: JsonObject): IDataObject {
	return omitEmpty(messageIn(entry));
}

/** The message in the answer to a send. Without one, only that it was sent. */
export function sentMessageOutput(
	protocol: string,
	answer: JsonValue,
	simplify: boolean,
): IDataObject | IDataObject[] {
	const sent = messagesIn(answer).at(-1);
	return successOutput(
		{ protocol, ...(sent === undefined ? {} : messageOutput(sent)) },
		answer,
		simplify,
	);
}
