/** A base URL that a user has entered, without spaces around it and slashes at its end. */
export function baseUrlFrom(field: unknown): string {
	return String(field ?? '')
		.trim()
		.replace(/\/+$/, '');
}
