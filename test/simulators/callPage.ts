import axios from 'axios';
import type { ControlPage } from './controlPage';

/** Calls an address of the control page as the page itself does; a refusal is an answer as well. */
export async function callPage(method: string, url: string, data: unknown = {}) {
	const answer = await axios.request<Record<string, unknown>>({
		method,
		url,
		...(method !== 'GET' && { data, headers: { 'Content-Type': 'application/json' } }),
		validateStatus: () => true,
		proxy: false,
	});
	return { status: answer.status, data: answer.data, headers: answer.headers };
}

/** What calls the control routes of one panel. */
export function controlOf(page: () => ControlPage, panel: string) {
	return async (method: string, path: string, body?: unknown) => {
		const { status, data } = await callPage(method, `${page().url}/control/${panel}${path}`, body);
		return { status, data };
	};
}
