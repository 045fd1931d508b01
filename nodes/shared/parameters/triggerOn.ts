import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/**
 * The events that start a workflow. The preselected ones come first, in their order: they are the most
 * used, and n8n lists events in this order where people add a trigger.
 *
 * @param preselected values of the events that a new trigger listens to
 */
export function triggerOn(
	options: readonly INodePropertyOptions[],
	preselected: readonly string[],
): INodeProperties {
	const rankOf = ({ value }: INodePropertyOptions) => {
		const index = preselected.indexOf(String(value));
		return index === -1 ? preselected.length : index;
	};
	return {
		displayName: 'Trigger On',
		name: 'events',
		type: 'multiOptions',
		required: true,
		default: [...preselected],
		description: 'Events that start the workflow',
		options: [...options].sort((a, b) => rankOf(a) - rankOf(b)),
	};
}
