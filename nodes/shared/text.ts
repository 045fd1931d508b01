/** A base URL as a user has entered it, without spaces around it and slashes at its end. */
export function baseUrlFrom(field: unknown): string {
	return String(field ?? '')
		.trim()
		.replace(/\/+$/, '');
}
