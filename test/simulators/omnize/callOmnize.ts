import axios from 'axios';
import type { OmnizeSimulator } from './OmnizeSimulator';

/** Calls the simulator as n8n would, for client 12 unless `body` says otherwise. */
export async function callOmnize(
	{ apiUrl, token }: OmnizeSimulator,
	body: Record<string, unknown>,
) {
	return await axios.post<unknown>(
		apiUrl,
		{ token, departmentId: '1', clientId: '12', ...body },
		{ validateStatus: () => true, proxy: false },
	);
}
