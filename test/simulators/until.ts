/** Something that says when it has changed: a simulator, the website chat. */
export interface Changing {
	on(event: 'change', listener: () => void): unknown;
	off(event: 'change', listener: () => void): unknown;
}

/**
 * Resolves to what `condition` returns as soon as that is something true, asking again at each
 * change of `source`. Rejects after `timeout` milliseconds, or when `condition` throws.
 */
export async function until<T>(
	source: Changing,
	condition: () => T | undefined | null | false | 0 | '',
	timeout = 5000,
): Promise<T> {
	return await new Promise<T>((resolve, reject) => {
		const settle = (finish: () => void) => {
			clearTimeout(timer);
			source.off('change', check);
			finish();
		};
		const check = () => {
			try {
				const result = condition();
				if (result) settle(() => resolve(result));
			} catch (error) {
				settle(() => reject(error as Error));
			}
		};
		const timer = setTimeout(
			() => settle(() => reject(new Error(`Not so after ${timeout} ms: ${condition.toString()}`))),
			timeout,
		);
		source.on('change', check);
		check();
	});
}
