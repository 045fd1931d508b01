import type { ValuesOf } from '../parameters/types';
import { formFrom } from './form';
import type { FormField } from './form';
import { TEXTS } from './texts';
import type { Language, Texts } from './texts';
import type { questionOptions, questionParameters } from './parameters';

/** The values of the parameters that say what is asked. */
export type QuestionValues = ValuesOf<typeof questionParameters> & {
	readonly options: Partial<ValuesOf<typeof questionOptions>>;
};

/** What the page shows and takes. */
export interface Question {
	readonly language: Language;
	readonly texts: Texts;
	readonly title: string;
	readonly description: string;
	/** After the answer. */
	readonly confirmation: string;
	/** Buttons of an approval; the second one declines. Undefined for a form. */
	readonly buttons?: readonly string[];
	/** Fields of a form; empty for an approval. */
	readonly fields: readonly FormField[];
	readonly submitLabel: string;
}

/**
 * The question that the parameters ask.
 *
 * @throws ProviderError (`invalid`) if they define a form that cannot be shown
 */
export function questionFrom(values: QuestionValues): Question {
	const { message, responseType, options } = values;
	const language = options.pageLanguage ?? 'en';
	const texts = TEXTS[language];
	const question = {
		language,
		texts,
		title: options.responseFormTitle ?? '',
		description: options.responseFormDescription || message,
		confirmation: options.confirmationText || texts.thanks,
		submitLabel: options.responseFormButtonLabel || texts.submit,
	};
	if (responseType === 'customForm') {
		const isJson = values.defineForm === 'json';
		const definition: unknown = isJson ? values.jsonOutput : values.formFields?.values;
		return { ...question, fields: formFrom(definition, 'Form Fields') };
	}
	if (responseType === 'freeText') return { ...question, fields: [freeText(texts)] };
	const { approvalType, approveLabel, disapproveLabel } = values.approvalOptions?.values ?? {};
	const approve = approveLabel || texts.approve;
	const buttons =
		approvalType === 'double' ? [approve, disapproveLabel || texts.decline] : [approve];
	return { ...question, fields: [], buttons };
}

function freeText({ response }: Texts): FormField {
	return {
		name: 'text',
		label: response,
		type: 'textarea',
		required: true,
		placeholder: '',
		initial: [''],
		options: [],
		several: false,
	};
}
