import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { N8nApi, type Session } from '../host/N8nApi';

const VARIABLE = 'E2E_HOST';

interface HandedOver {
	url: string;
	session: Session;
	userFolder: string;
	package: { name: string; version: string };
	/** Refused connections to other machines, counted from the start of n8n. */
	refused: { beforeInstall: number; afterInstall: number };
}

/** The n8n that all end-to-end tests share, with the packed package installed. */
export interface E2eHost extends HandedOver {
	/** Logged in as the owner. */
	api: N8nApi;
	/** The full name of a node of the package, e.g. `n8n-nodes-omnichannel.omnize`. */
	nodeType(name: string): string;
	/** Everything that n8n has logged so far. */
	log(): string;
	/** The database file, to be searched for what must not be in it. */
	databaseFile: string;
}

/** Makes the running n8n known to the processes in which jest runs the tests. */
export function handOver(host: HandedOver) {
	process.env[VARIABLE] = JSON.stringify(host);
}

export function e2eHost(): E2eHost {
	const text = process.env[VARIABLE];
	if (!text)
		throw new Error('There is no n8n: run these tests with `npx jest --selectProjects e2e`.');
	const host = JSON.parse(text) as HandedOver;
	return {
		...host,
		api: new N8nApi(host.url, host.session),
		nodeType: (name) => `${host.package.name}.${name}`,
		log: () => readFileSync(join(host.userFolder, 'n8n.log'), 'utf8'),
		databaseFile: join(host.userFolder, '.n8n', 'database.sqlite'),
	};
}
