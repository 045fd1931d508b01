import type { IDataObject } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import { UnreadableList } from '../../shared/lists';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { phoneNumber } from '../../shared/phoneNumber';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import type { NewContact } from '../api/types';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { confirmationIn } from '../api/wire/confirmations';
import { firstField, textOf } from '../api/wire/fields';
import { canBeCompared, contactWithNumber } from '../api/wire/numbers';
import { listIn } from '../api/wire/lists';
import { CONTACT, translateFields } from '../api/wire/vocabulary';
import { listOutput, rawOutput, UNVERIFIED, unverifiedAnswer } from './outputs';
import { simplify } from './parameters';

const operation = operationsOf<VoxfreeApi>();

const name = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. Nathan Smith',
	description: 'Name of the contact, as agents see it',
} as const;

const number = {
	displayName: 'Phone Number',
	name: 'number',
	type: 'string',
	format: phoneNumber,
	default: '',
	required: true,
	placeholder: 'e.g. 5519999999999',
	description:
		'Number with country and area code. Spaces, brackets, dashes and the plus sign are removed.',
} as const;

const email = {
	displayName: 'Email',
	name: 'email',
	type: 'string',
	default: '',
	placeholder: 'e.g. name@email.com',
	description: 'Email address of the contact',
} as const;

async function findByNumber(voxfree: VoxfreeApi, number: string): Promise<JsonObject | undefined> {
	// The stored number may be spelt differently, but its last eight digits are the same.
	const found = await voxfree.getContacts(number.slice(-8));
	const match = contactWithNumber(found, number);
	return match === undefined ? undefined : translateFields(match, CONTACT);
}

/**
 * The contact with this number, or undefined if the account has none.
 *
 * @throws ProviderError if that cannot be told: a contact that exists must not be created again
 */
async function findOrRefuse(voxfree: VoxfreeApi, number: string): Promise<JsonObject | undefined> {
	const found = await voxfree.getContacts(number.slice(-8)).catch((error: unknown) => {
		if (error instanceof UnreadableList) {
			throw new UnreadableList('Voxfree', error.body, NOTHING_CREATED);
		}
		throw error;
	});
	const match = contactWithNumber(found, number);
	if (match !== undefined) return translateFields(match, CONTACT);
	if (found.every((entry) => canBeCompared(entry, number))) return undefined;
	throw new ProviderError(
		'Voxfree found a contact whose number this node cannot compare with the one you search for',
		{ kind: 'unreadable', description: NOTHING_CREATED },
	);
}

const NOTHING_CREATED =
	'No contact was created, because this one may exist already. Look at the answer with Contact: Get Many, or use Contact: Create.';

/**
 * The new contact. Its ID is in the answer under one of several names; otherwise it is looked up.
 *
 * @param flag the name of the field that says whether it was created
 */
async function createdContact(
	voxfree: VoxfreeApi,
	contact: NewContact,
	answer: JsonValue,
	flag: 'success' | 'created',
): Promise<IDataObject> {
	const list = listIn(answer, 'contacts');
	const entries = list.kind === 'records' ? list.records : [];
	// Among several, the new one is the one with this number.
	const listed =
		entries.length > 1 ? contactWithNumber(entries, contact.number) : (entries[0] ?? undefined);
	const entry = listed ?? (isJsonObject(answer) ? answer : {});
	const id = textOf(firstField(entry, ['new_codid', 'codid_contato', 'id_contato', 'codid', 'id']));
	if (!(confirmationIn(answer) ?? id !== undefined)) {
		return { [flag]: UNVERIFIED, ...contact, ...unverifiedAnswer(answer) };
	}
	if (id !== undefined) return { [flag]: true, contactId: id, ...contact };
	// The contact exists even if it cannot be found, so this is not a failure.
	const found = await findByNumber(voxfree, contact.number).catch(() => undefined);
	return { [flag]: true, ...contact, ...found };
}

export const contact: Resource<VoxfreeApi> = {
	name: 'Contact',
	value: 'contact',
	description: 'A person (contato) that the account can write to',
	defaultOperation: 'findOrCreate',
	operations: [
		operation({
			name: 'Create',
			value: 'create',
			action: 'Create contact',
			description: 'Create a contact, even if there is already one with the same number',
			parameters: [name, number, email, simplify],
			orderingKey: (values) => values.number,
			execute: async (voxfree, values) => {
				const created = {
					name: values.name,
					number: values.number,
					email: values.email,
				};
				const answer = await voxfree.createContact(created);
				if (!values.simplify) return rawOutput(answer);
				return await createdContact(voxfree, created, answer, 'success');
			},
		}),
		operation({
			name: 'Find or Create',
			value: 'findOrCreate',
			action: 'Find or create contact',
			description:
				'Find a contact by its number, with or without country code and ninth digit, and create it if there is none',
			parameters: [{ ...name, description: 'Name of the contact if it is created' }, number, email],
			orderingKey: (values) => values.number.slice(-8),
			execute: async (voxfree, values) => {
				const wanted = { name: values.name, number: values.number, email: values.email };
				const found = await findOrRefuse(voxfree, wanted.number);
				if (found !== undefined) return { created: false, ...found };
				const answer = await voxfree.createContact(wanted);
				return await createdContact(voxfree, wanted, answer, 'created');
			},
		}),
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many contacts',
			description: 'List contacts, optionally filtered by name or number',
			parameters: [
				{
					displayName: 'Search',
					name: 'search',
					type: 'string',
					default: '',
					placeholder: 'e.g. Nathan',
					description: 'Part of a name or number. Leave empty for all contacts.',
				},
				returnAll,
				limit,
				listOptions,
				simplify,
			],
			execute: async (voxfree, { search, ...values }, context) =>
				listOutput(voxfree.getContacts(search.trim()), values, context, (entry) =>
					translateFields(entry, CONTACT),
				),
		}),
	],
};
