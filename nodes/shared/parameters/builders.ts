import type { Parameter } from './types';

/** The format of a field for an ID that may be any text. */
export const id = (text: string): string => text;

interface LocatorTexts<Name extends string> {
	displayName: string;
	name: Name;
	description: string;
	/** What is chosen, with its article: "a department". */
	item: string;
	/** What identifies it in the "By …" mode. Default: ID. */
	idName?: string;
	/** How its ID looks. */
	example: string;
	/** The method of the node that lists the options. */
	searchListMethod: string;
	/** Parameters on whose values the list depends. */
	dependsOn?: readonly string[];
	/** How its ID has to look. Default: any text. */
	format?: Parameter['format'];
}

/** A parameter for the ID of something, chosen from a list of the provider or entered by hand. */
export function resourceLocator<const Name extends string>({
	displayName,
	name,
	description,
	item,
	idName = 'ID',
	example,
	searchListMethod,
	dependsOn,
	format = id,
}: LocatorTexts<Name>): Parameter & { readonly name: Name; readonly type: 'resourceLocator' } {
	return {
		displayName,
		name,
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		description,
		format,
		...(dependsOn === undefined ? {} : { typeOptions: { loadOptionsDependsOn: dependsOn } }),
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: `Select ${item}...`,
				typeOptions: { searchListMethod, searchable: true },
			},
			{
				displayName: `By ${idName}`,
				name: 'id',
				type: 'string',
				placeholder: `e.g. ${example}`,
			},
		],
	};
}

/** n8n's usual collection at the end of an operation, with these fields to choose from. */
export function optionsCollection<const Fields extends readonly Parameter[]>(options: Fields) {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		description: 'Settings that most workflows do not need',
		options,
	} as const;
}
