import type { IExecuteFunctions } from 'n8n-workflow';
import { inputPathIn, valueAt } from './inputReference';
import type { Parameter } from './types';
import { isShown, validated } from './validate';

/**
 * Returns a function that reads all parameters for one input item. Each value is validated against its
 * definition, because an expression can return anything. Fields without an expression are read once;
 * those that other fields hide are left out.
 *
 * @throws ProviderError (`invalid`) that names the field as the user sees it
 */
export function parameterReader(
	functions: IExecuteFunctions,
	parameters: readonly Parameter[],
): (itemIndex: number) => Record<string, unknown> {
	const items = functions.getInputData();
	const fields = parameters
		.filter(({ type }) => type !== 'notice')
		.map((parameter) => {
			const raw: unknown = functions.getNodeParameter(parameter.name, 0, null, {
				rawExpressions: true,
			});
			// n8n removes what it does not show.
			const isStored = raw !== null && raw !== undefined;
			return { parameter, isStored, isFixed: !holdsExpression(raw), inputPath: inputPathIn(raw) };
		});
	const fixed = new Map<string, unknown>();

	return (itemIndex) => {
		const values: Record<string, unknown> = {};
		for (const { parameter, isStored, isFixed, inputPath } of fields) {
			const { name, displayName, displayOptions, modes } = parameter;
			const shown = isShown(parameter, values) ?? (isStored || displayOptions === undefined);
			if (!shown) continue;
			let value: unknown = fixed.get(name);
			if (value === undefined) {
				const given: unknown =
					(inputPath && valueAt(items[itemIndex]?.json, inputPath)) ??
					// Without a fallback, n8n throws for a parameter that it does not show.
					functions.getNodeParameter(name, itemIndex, null, {
						extractValue: modes?.some((mode) => mode.extractValue !== undefined) ?? false,
					});
				value = validated(parameter, given, displayName);
				if (isFixed) fixed.set(name, value);
			}
			values[name] = value;
		}
		return values;
	};
}

function holdsExpression(raw: unknown): boolean {
	if (typeof raw === 'string') return raw.startsWith('=');
	return typeof raw === 'object' && raw !== null && Object.values(raw).some(holdsExpression);
}
