/** Where a field stands in the panel: a pattern of its path on the wire, and its name there. */
export type FieldLabels = ReadonlyArray<readonly [path: RegExp, label: string]>;

/** The name of a field in the panel, or its path if it has none. */
export function labelIn(labels: FieldLabels, field: string): string {
	const found = labels.find(([pattern]) => pattern.test(field));
	return found === undefined ? field : field.replace(found[0], found[1]);
}
