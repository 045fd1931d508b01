import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { e2eHost } from './host';

const { api, nodeType, refused, ...host } = e2eHost();
const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
	name: string;
	version: string;
	n8n: { nodes: string[]; credentials: string[] };
};

/** `dist/nodes/Omnize/OmnizeTrigger.node.js` → `omnizeTrigger` */
function nameFromFile(file: string) {
	const name = file.replace(/^.*\//, '').replace(/\.(node|credentials)\.js$/, '');
	return name[0]!.toLowerCase() + name.slice(1);
}

const nodeNames = manifest.n8n.nodes.map(nameFromFile);

test('n8n lists the package among its community packages, loaded', async () => {
	const installed = await api.installedPackages();
	expect(installed).toEqual([
		expect.objectContaining({
			packageName: manifest.name,
			installedVersion: manifest.version,
			failedLoading: false,
		}),
	]);
});

test('every node of package.json is an installed node of the package', async () => {
	const [installed] = await api.installedPackages();
	const types = installed!.installedNodes.map(({ type }) => type).sort();
	expect(types).toEqual(nodeNames.map(nodeType).sort());
});

test('the editor is offered every node and every credential type', async () => {
	const types = await api.nodeTypeNames();
	expect(types).toEqual(expect.arrayContaining(nodeNames.map(nodeType)));
	const credentialTypes = await api.call<Array<{ name: string }>>('GET', '/types/credentials.json');
	expect(credentialTypes.map(({ name }) => name)).toEqual(
		expect.arrayContaining(manifest.n8n.credentials.map(nameFromFile)),
	);
});

test('the icons that the nodes name are served', async () => {
	const [installed] = await api.installedPackages();
	for (const { type, latestVersion } of installed!.installedNodes) {
		const { iconUrl } = await api.nodeType(type, latestVersion);
		const urls = typeof iconUrl === 'string' ? [iconUrl] : Object.values(iconUrl ?? {});
		expect(urls).not.toHaveLength(0);
		for (const url of urls)
			await expect(api.call('GET', `/${url}`)).resolves.toMatch(/^(<\?xml.*)?\s*<svg/);
	}
});

test('n8n asks nothing of other machines, but for its check of the package at the install', () => {
	expect(refused.beforeInstall).toBe(0);
	const log = readFileSync(join(host.userFolder, 'refused-connections.log'), 'utf8');
	expect(log.split('\n').filter(Boolean)).toHaveLength(refused.afterInstall);
});

test('n8n does not complain about the package while it loads it', () => {
	const complaints = host
		.log()
		.split('\n')
		.filter((line) => line.includes(manifest.name) && /error|fail|warn/i.test(line))
		// The stack of an error that another test provoked in a node's execution.
		.filter((line) => !/^\s+at /.test(line))
		// Its own check of the name at the public registry, which is refused.
		.filter((line) => !line.includes('npm registry request'));
	expect(complaints).toEqual([]);
});
