import { ROOT, buildOnce, filesBelow } from '../support/buildOnce';
import { removeSamples, sample } from './sample';
import { auditLockfile, auditTarball, packedFiles } from './tarballAudit';
import { readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

afterAll(removeSamples);

describe('the packed package', () => {
	beforeAll(async () => void (await buildOnce()), 120_000);

	it('holds all of dist, the papers, and nothing else', () => {
		const files = packedFiles(ROOT);
		expect(auditTarball(ROOT, files)).toEqual([]);
		expect(files.filter((file) => file.startsWith('dist/'))).toHaveLength(
			filesBelow(join(ROOT, 'dist')).length,
		);
	});
});

const good = {
	'package.json': JSON.stringify({ name: 'n8n-nodes-toys', version: '1.0.0' }),
	'index.js': '',
	'README.md': '# Toys',
	'LICENSE.md': 'MIT',
	'dist/nodes/Toy/Toy.node.js': '',
};

describe('auditTarball', () => {
	it('accepts a package without a fault, as npm lists it', () => {
		expect(auditTarball(sample(good))).toEqual([]);
	});

	it.each([
		['dist/nodes/Toy/Toy.node.ts', '', 'dist/nodes/Toy/Toy.node.ts is packed'],
		['dist/nodes/Toy/Toy.node.js.map', '', 'dist/nodes/Toy/Toy.node.js.map is packed'],
		['dist/nodes/Toy/Toy.test.js', '', 'dist/nodes/Toy/Toy.test.js belongs to the tests'],
		['test/simulators/toy.js', '', 'test/simulators/toy.js is packed'],
		['.env', '', '.env is packed'],
		['index.js', `require('${ROOT}/x')`, 'index.js contains the path of the checkout'],
		['index.js', `${homedir()}/x`, 'index.js contains the path of the home folder'],
		['index.js', '/home/somebody', 'index.js contains a path of a home folder'],
		['README.md', 'see registry.example.test', 'README.md contains the host of a package registry'],
		['index.js', '//# sourceMappingURL=a.js.map', 'index.js contains a source map'],
	])('finds %s with "%s"', (file, content, finding) => {
		const root = sample({ ...good, [file]: content });
		expect(auditTarball(root, filesBelow(root))).toContain(finding);
	});

	it('finds what is missing', () => {
		const root = sample({ 'package.json': good['package.json'] });
		expect(auditTarball(root, filesBelow(root))).toEqual([
			'No index.js is packed',
			'No README is packed',
			'No licence is packed',
			'No compiled node is packed',
		]);
	});
});

describe('the lockfiles', () => {
	const host = readdirSync(join(ROOT, 'test/host'), { recursive: true }) as string[];
	const lockfiles = [
		'package-lock.json',
		...host
			.filter((file) => file.endsWith('package-lock.json') && !file.includes('node_modules'))
			.map((file) => join('test/host', file)),
	];

	it('are those of the project and of the host', () => {
		expect(lockfiles.length).toBeGreaterThanOrEqual(2);
	});

	it.each(lockfiles)('%s has a checksum for every package and no address', (file) => {
		expect(auditLockfile(readFileSync(join(ROOT, file), 'utf8'))).toEqual([]);
	});
});

describe('auditLockfile', () => {
	const audit = (packages: object) => auditLockfile(JSON.stringify({ packages }));

	it('accepts checksums, links, bundled packages and the root', () => {
		const packages = {
			'': {},
			'node_modules/a': { integrity: 'sha512-x' },
			'node_modules/b': { link: true, resolved: 'packages/b' },
			'node_modules/a/node_modules/c': { inBundle: true },
		};
		expect(audit(packages)).toEqual([]);
	});

	it.each([
		[{ a: { integrity: 'x', resolved: 'a.tgz' } }, 'a has an address'],
		[{ a: { version: '1.0.0' } }, 'a has no checksum'],
		[{}, 'It lists no packages'],
		[{ a: { integrity: 'x', funding: 'https://registry.example.test/a' } }, 'It names a registry'],
	])('finds %j', (packages, finding) => {
		expect(audit(packages)).toEqual([finding]);
	});
});
