import { e2eHost } from './host';

/** Stops n8n. Fails the run when n8n tried to reach another machine during the tests. */
export default async function globalTeardown() {
	const host = globalThis.e2eHost;
	if (!host) return;
	const refused = host.refusedConnections().slice(e2eHost().refused.afterInstall);
	await host.stop();
	if (refused.length > 0)
		throw new Error(`n8n tried to reach other machines: ${[...new Set(refused)].join(', ')}`);
}
