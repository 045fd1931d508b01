import { invalidInput } from '../errors';
import { isJsonObject, kindOf } from '../json';

const FIELD_TYPES = [
	'checkbox',
	'date',
	'dropdown',
	'email',
	'number',
	'radio',
	'text',
	'textarea',
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

/** A field of the page's form. */
export interface FormField {
	/** Its key in the output. */
	readonly name: string;
	readonly label: string;
	readonly type: FieldType;
	readonly required: boolean;
	readonly placeholder: string;
	/** What it holds at first; several for fields that take several. */
	readonly initial: readonly string[];
	/** What can be chosen; empty for fields without a choice. */
	readonly options: readonly string[];
	/** Whether several options can be chosen. */
	readonly several: boolean;
}

/** More would be no form for a phone. */
const MOST_FIELDS = 100;

/**
 * The fields that the parameter or JSON of a custom form defines, in the words of n8n's own forms.
 *
 * @param label the parameter's name in the panel
 * @throws ProviderError (`invalid`) that names the field
 */
export function formFrom(definition: unknown, label: string): FormField[] {
	if (!Array.isArray(definition) || definition.length === 0 || definition.length > MOST_FIELDS) {
		throw invalidInput(
			`'${label}' needs a list of 1 to ${MOST_FIELDS} form fields`,
			'Add a field to the form, or choose another Response Type.',
		);
	}
	const fields = definition.map((field, index) =>
		fieldFrom(field, `${label} > Field ${index + 1}`),
	);
	const names = new Set<string>();
	for (const { name } of fields) {
		if (names.has(name)) {
			throw invalidInput(
				`'${label}' has two fields with the label '${name}'`,
				'Give each field a label of its own: the output is named after it.',
			);
		}
		names.add(name);
	}
	return fields;
}

function fieldFrom(given: unknown, place: string): FormField {
	if (!isJsonObject(given)) {
		throw invalidInput(`'${place}' needs an object, but was given ${kindOf(given)}`);
	}
	const label = textOf(given.fieldLabel, `${place} > Label`);
	const name = textOf(given.fieldName, `${place} > Field Name`) || label;
	if (name === '')
		throw invalidInput(`'${place} > Label' is empty`, 'Enter a label for the field.');
	const type = (given.fieldType ?? 'text') as FieldType;
	if (!FIELD_TYPES.includes(type)) {
		throw invalidInput(
			`'${place} > Element Type' is not one that this form can have`,
			`Use one of: ${FIELD_TYPES.join(', ')}.`,
		);
	}
	const isChoice = ['checkbox', 'dropdown', 'radio'].includes(type);
	const options = isChoice ? optionsFrom(given.fieldOptions, `${place} > Field Options`) : [];
	const several = type === 'checkbox' || (type === 'dropdown' && given.multiselect === true);
	const initial = textOf(given.defaultValue, `${place} > Default Value`);
	return {
		name,
		label: label || name,
		type,
		required: given.requiredField === true,
		placeholder: textOf(given.placeholder, `${place} > Placeholder`),
		initial: several ? initial.split(',').map((part) => part.trim()) : [initial],
		options,
		several,
	};
}

function optionsFrom(given: unknown, place: string): string[] {
	const values = isJsonObject(given) ? given.values : undefined;
	const options = (Array.isArray(values) ? values : [])
		.map((entry) => textOf(isJsonObject(entry) ? entry.option : undefined, place))
		.filter((option) => option !== '');
	if (options.length === 0) {
		throw invalidInput(`'${place}' is empty`, 'Add an option to choose from.');
	}
	return [...new Set(options)];
}

function textOf(given: unknown, place: string): string {
	if (given === undefined || given === null) return '';
	if (typeof given === 'string' || typeof given === 'number') return String(given).trim();
	throw invalidInput(`'${place}' needs text, but was given ${kindOf(given)}`);
}
