import type { IDataObject } from 'n8n-workflow';
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
} as const;

/**
 * A Brazilian number in one form for all of its spellings: without the country code, and without the
 * ninth digit of mobile numbers, which WhatsApp often omits.
 */
function canonical(number: string): string {
	const digits = number.replace(/\D/g, '');
	const national = /^55\d{10,11}$/.test(digits) ? digits.slice(2) : digits;
	return /^\d{2}9\d{8}$/.test(national) ? national.slice(0, 2) + national.slice(3) : national;
}

async function findByNumber(voxfree: VoxfreeApi, number: string): Promise<JsonObject | undefined> {
	const wanted = canonical(number);
	// The stored number may be spelt differently, but its last eight digits are the same.
	const found = await voxfree.getContacts(number.slice(-8));
	return found
		.map((entry) => translateFields(entry, CONTACT))
		.find((entry) => canonical(textOf(entry.number) ?? '') === wanted);
}

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
	const entry =
		list.kind === 'records' ? (list.records[0] ?? {}) : isJsonObject(answer) ? answer : {};
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
			parameters: [number, { ...name, description: 'Name of the contact if it is created' }, email],
			orderingKey: (values) => values.number.slice(-8),
			execute: async (voxfree, values) => {
				const wanted = { name: values.name, number: values.number, email: values.email };
				const found = await findByNumber(voxfree, wanted.number);
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
