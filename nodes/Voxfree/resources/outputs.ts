import type { IDataObject } from 'n8n-workflow';
import type { JsonObject, JsonValue } from '../../shared/json';
import { listItems } from '../../shared/operation/listItems';
import type { ItemContext } from '../../shared/operation/define';
import { confirmationIn } from '../api/wire/confirmations';
import { looksLikeMessage, messageIn, messagesIn, unreadFieldsIn } from '../api/wire/messages';

/** How Voxfree's answers become output items. */

/** An object without the fields that are undefined. */
export function omitEmpty(object: object): IDataObject {
	return Object.fromEntries(
		Object.entries(object).filter(([, value]) => value !== undefined),
	) as IDataObject;
}

/** An answer as it came, in a field of its own: an item with a field `error` is a failure to n8n. */
export function rawOutput(answer: JsonValue): IDataObject {
	return { answer };
}

const UNVERIFIED_HINT =
	"Voxfree did not refuse this, but its answer is none that its document shows for success. It may or may not have been done. 'answer' holds what Voxfree said.";

/**
 * What an operation has done, or Voxfree's raw answer. Where the answer does not say that it was done,
 * `success` and what would follow from it are `unverified`. This is neither true nor false, so that no
 * condition on `success` takes it for one of them.
 *
 * @param given what the operation is about
 * @param changed what is so after a success, and only then
 */
export function successOutput(
	given: IDataObject,
	answer: JsonValue,
	simplify: boolean,
	changed: IDataObject = {},
	confirmed = confirmationIn(answer) === true,
): IDataObject {
	if (!simplify) return rawOutput(answer);
	return confirmed
		? { success: true, ...given, ...changed }
		: { success: UNVERIFIED, ...given, ...unverified(changed), ...unverifiedAnswer(answer) };
}

/** In place of `true` where Voxfree's answer does not say whether something was done. */
export const UNVERIFIED = 'unverified';

function unverified(fields: IDataObject): IDataObject {
	return Object.fromEntries(Object.keys(fields).map((name) => [name, UNVERIFIED]));
}

/** Why something is unverified, and the answer to judge it by. */
export function unverifiedAnswer(answer: JsonValue): IDataObject {
	return { hint: UNVERIFIED_HINT, answer };
}

/** As many entries of a list as the user wants, translated or as they came. */
export async function listOutput(
	reading: Promise<readonly JsonObject[]>,
	values: Parameters<typeof listItems>[1] & { simplify: boolean },
	context: ItemContext,
	translate: (entry: JsonObject) => object,
): Promise<IDataObject[]> {
	return await listItems(reading, values, context, values.simplify ? translate : rawOutput);
}

/** A message in our words, with what is not recognised under Voxfree's names; others as they came. */
export function messageOutput(entry: JsonObject): IDataObject {
	if (!looksLikeMessage(entry, true)) return entry as IDataObject;
	return { ...unreadFieldsIn(entry), ...omitEmpty(messageIn(entry)) } as IDataObject;
}

/** The message in the answer to a send. Without one, only whether it was sent. */
export function sentMessageOutput(
	protocol: string,
	answer: JsonValue,
	simplify: boolean,
): IDataObject {
	const sent = messagesIn(answer).at(-1);
	return successOutput(
		{ protocol, ...(sent === undefined ? {} : messageOutput(sent)) },
		answer,
		simplify,
	);
}
