/**
 * Waits until `condition` returns something truthy and returns that.
 *
 * @param timeoutMs bound in milliseconds; default 10,000, which a busy machine may need
 * @throws an Error that names what was waited for
 */
export async function waitFor<T>(
	what: string,
	condition: () => T | Promise<T>,
	timeoutMs = 10_000,
): Promise<NonNullable<T>> {
	// The real clock, also while a test fakes Date.
	const end = performance.now() + timeoutMs;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
