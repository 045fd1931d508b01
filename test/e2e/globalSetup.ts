import { N8nApi } from '../host/N8nApi';
import { installTarball, packProject } from '../host/localRegistry';
import { startHost, type Host } from '../host/startHost';
import { handOver } from './host';

declare global {
	var e2eHost: Host | undefined;
}

/** Starts one n8n for all end-to-end tests and installs the packed tarball into it. */
export default async function globalSetup() {
	const { tarball, name, version } = await packProject();
	const started = Date.now();
	const host = await startHost({ log: console.log });
	globalThis.e2eHost = host;
	try {
		const api = new N8nApi(host.url);
		await api.signIn({ email: 'owner@example.test', password: 'demo-Passw0rd' });
		const beforeInstall = host.refusedConnections().length;
		await installTarball(host, api, tarball);
		handOver({
			url: host.url,
			session: api.session,
			userFolder: host.userFolder,
			package: { name, version },
			refused: { beforeInstall, afterInstall: host.refusedConnections().length },
		});
	} catch (error) {
		await host.stop();
		throw error;
	}
	console.log(`n8n is ready at ${host.url} after ${Date.now() - started} ms`);
}
