import { PackageDirectoryLoader } from 'n8n-core';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, filesBelow } from '../support/buildOnce';
import { packProviders } from '../support/packProviders';
import { auditCode } from './codeAudit';
import {
	auditCredentials,
	auditManifest,
	auditNodes,
	auditSchemas,
	readManifest,
} from './manifestAudit';
import { removeSamples, sample } from './sample';
import { strictLint } from './strictLint';
import { auditTarball } from './tarballAudit';

/** `dist/nodes/Omnize/…` → `Omnize` */
const PROVIDERS = [...new Set(readManifest(ROOT).n8n!.nodes!.map((file) => file.split('/')[2]!))];

let tarballs: string[];
beforeAll(async () => void (tarballs = await packProviders()), 180_000);
afterAll(removeSamples);

it('there is one tarball of all providers and one of each', () => {
	const version = readManifest(ROOT).version;
	expect(tarballs.map((file) => file.replace(/^.*[/\\]/, ''))).toEqual(
		['omnichannel', ...PROVIDERS.map((name) => name.toLowerCase())].map(
			(name) => `n8n-nodes-${name}-${version}.tgz`,
		),
	);
	for (const tarball of tarballs) expect(existsSync(tarball)).toBe(true);
});

describe.each(PROVIDERS)('the package of %s', (provider) => {
	const root = join(ROOT, 'packages', `n8n-nodes-${provider.toLowerCase()}`);
	const others = PROVIDERS.filter((other) => other !== provider);

	it('keeps all rules that the package of all providers keeps', () => {
		expect(auditManifest(root)).toEqual([]);
		expect(auditNodes(root)).toEqual([]);
		expect(auditCredentials(root)).toEqual([]);
		expect(auditSchemas(root)).toEqual([]);
		expect(auditCode(root)).toEqual([]);
		expect(auditTarball(root)).toEqual([]);
	});

	it('has a package.json that passes the strict lint', () => {
		const manifest = readFileSync(join(root, 'package.json'), 'utf8');
		expect(strictLint({ 'package.json': manifest })).toEqual([]);
	}, 120_000);

	it('has nothing of another provider', () => {
		const { n8n, keywords } = readManifest(root);
		for (const other of others) {
			expect(filesBelow(root).filter((file) => file.includes(other))).toEqual([]);
			expect(JSON.stringify(n8n)).not.toContain(other);
			expect(keywords).not.toContain(other.toLowerCase());
		}
		expect(keywords).toContain(provider.toLowerCase());
	});

	it('is loaded by n8n by itself', async () => {
		const loader = new PackageDirectoryLoader(root);
		await loader.loadAll();
		const own = provider[0]!.toLowerCase() + provider.slice(1);
		expect(loader.types.nodes.map(({ name }) => name)).toEqual([own, `${own}Trigger`]);
		expect(Object.keys(loader.known.credentials)).toEqual([`${own}Api`]);
	});

	it('has a README that says which n8n it needs, and no difference that others make', () => {
		const readme = readFileSync(join(root, 'README.md'), 'utf8');
		const section = readme.slice(readme.indexOf('## Compatibility'));
		expect(section).toContain('n8n 1.85 and newer');
		expect(others.filter((other) => section.includes(other))).toEqual([]);
		expect(section.match(/^\| (?!Where|---).*$/gm) ?? []).toHaveLength(
			provider === 'Voxfree' ? 3 : 0,
		);
	});

	it('has a README whose links hold outside of the repository', () => {
		const readme = readFileSync(join(root, 'README.md'), 'utf8');
		const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!);
		expect(links.length).toBeGreaterThan(3);
		expect(links.filter((link) => !/^(https:\/\/|#)/.test(link))).toEqual([]);
		const inRepository = links.flatMap(
			(link) =>
				/^https:\/\/github\.com\/[^/]+\/[^/]+\/(?:blob|raw)\/main\/([^#]+)/.exec(link)?.[1] ?? [],
		);
		expect(inRepository.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
	});
});

describe('the instructions for an install by hand', () => {
	const instructions = /^npm install --prefix .*$/m.exec(
		readFileSync(join(ROOT, 'README.md'), 'utf8'),
	)?.[0];

	/** Runs them as they stand, in the home folder of somebody whose npm reaches no registry. */
	function follow(home: string, of = 'omnichannel'): string {
		const { status, stdout, stderr } = spawnSync(
			'sh',
			['-c', instructions!.replace('-omnichannel-', `-${of}-`)],
			{
				cwd: ROOT,
				encoding: 'utf8',
				timeout: 60_000,
				env: { PATH: process.env.PATH, HOME: home, npm_config_offline: 'true' },
			},
		);
		if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
		return stdout;
	}

	/** What npm has put into a home folder, other than its own logs. */
	const packagesIn = (home: string) => {
		const modules = join(home, '.n8n/nodes/node_modules');
		return readdirSync(modules).filter((name) => !name.startsWith('.'));
	};

	it.each([
		['an empty home folder', {}],
		['a home folder with a package.json', { 'package.json': '{ "private": true }' }],
		['a package.json and packages in the folder of n8n', { '.n8n/package.json': '{}' }],
	])('put one package where n8n looks for it: %s', (_case, files) => {
		const home = sample({ ...files, '.n8n/config': '{}' });
		expect(follow(home)).toMatch(/added 1 package\b/);
		expect(packagesIn(home)).toEqual(['n8n-nodes-omnichannel']);
		expect(existsSync(join(home, 'node_modules'))).toBe(false);
		expect(existsSync(join(home, '.n8n/node_modules'))).toBe(false);
	});

	it('put the packages of single providers beside one another', () => {
		const home = sample({});
		const names = PROVIDERS.map((provider) => provider.toLowerCase());
		for (const name of names) expect(follow(home, name)).toMatch(/added 1 package\b/);
		expect(packagesIn(home)).toEqual(names.map((name) => `n8n-nodes-${name}`));
		// The same once more, as after an update.
		expect(follow(home, names[0])).toMatch(/up to date|changed 1 package/);
	}, 90_000);
});
