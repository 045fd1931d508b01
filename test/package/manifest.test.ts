import { ROOT, buildOnce } from '../support/buildOnce';
import {
	auditCredentials,
	auditManifest,
	auditNodes,
	auditSchemas,
	auditSvg,
	loadNodes,
	readManifest,
} from './manifestAudit';
import { removeSamples, sample } from './sample';
import { PackageDirectoryLoader } from 'n8n-core';

afterAll(removeSamples);

describe('the package', () => {
	beforeAll(async () => void (await buildOnce()), 120_000);

	it('has a package.json that agrees with the rules and with the disk', () => {
		expect(auditManifest(ROOT)).toEqual([]);
	});

	it('has nodes that agree with their names, codex files and icons', () => {
		expect(auditNodes(ROOT)).toEqual([]);
	});

	it('has credentials with icon, documentation and test', () => {
		expect(auditCredentials(ROOT)).toEqual([]);
	});

	it('has an output schema for every operation', () => {
		expect(auditSchemas(ROOT)).toEqual([]);
	});

	it('is loaded by n8n itself', async () => {
		const loader = new PackageDirectoryLoader(ROOT);
		await loader.loadAll();
		expect(loader.types.nodes.map(({ name }) => name)).toEqual(
			loadNodes(ROOT).map(({ instance }) => instance.description.name),
		);
		expect(Object.keys(loader.known.credentials)).toHaveLength(
			readManifest(ROOT).n8n!.credentials!.length,
		);
		for (const node of loader.types.nodes) expect(node.iconUrl).toHaveProperty('dark');
	});
});

const svg = (inside: string, viewBox = '0 0 24 24') =>
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}">${inside}</svg>`;

const operation = {
	name: 'operation',
	displayOptions: { show: { resource: ['word'] } },
	options: [{ name: 'Say', value: 'say' }],
};
const node = {
	description: {
		name: 'toy',
		version: 1,
		group: ['transform'],
		icon: { light: 'file:toy.svg', dark: 'file:toy.dark.svg' },
		usableAsTool: true as unknown,
		credentials: [{ name: 'toyApi' }],
		properties: [operation],
	},
};
const trigger = {
	description: {
		...node.description,
		name: 'toyTrigger',
		version: [2, 2.1] as unknown,
		group: ['trigger'],
		usableAsTool: undefined as unknown,
		inputs: [] as string[],
		webhooks: [{ responseMode: 'onReceived', responseData: 'noData' }] as object[],
		properties: [],
	},
};
const credential = {
	name: 'toyApi',
	icon: { light: 'file:toy.svg', dark: 'file:toy.dark.svg' },
	test: {} as unknown,
	documentationUrl: 'https://example.test/docs',
};
const manifest = {
	name: 'n8n-nodes-toys',
	license: 'MIT',
	keywords: ['n8n-community-node-package'],
	peerDependencies: { 'n8n-workflow': '*' } as Record<string, string>,
	peerDependenciesMeta: { 'n8n-workflow': { optional: true } },
	n8n: {
		nodes: ['dist/nodes/Toy/Toy.node.js', 'dist/nodes/Toy/ToyTrigger.node.js'],
		credentials: ['dist/credentials/ToyApi.credentials.js'],
	},
};
const classFile = (name: string, fields: object) =>
	`exports.${name} = class { constructor() { Object.assign(this, ${JSON.stringify(fields)}); } };`;
const codex = (name: string) =>
	JSON.stringify({ node: `n8n-nodes-toys.${name}`, categories: ['Misc'], alias: ['toys'] });

/** A package without a fault; `changes` replace files of it, undefined removes one. */
const toyPackage = (changes: Record<string, string | undefined> = {}) =>
	sample({
		'package.json': JSON.stringify(manifest),
		'dist/nodes/Toy/Toy.node.js': classFile('Toy', node),
		'dist/nodes/Toy/Toy.node.json': codex('toy'),
		'dist/nodes/Toy/ToyTrigger.node.js': classFile('ToyTrigger', trigger),
		'dist/nodes/Toy/ToyTrigger.node.json': codex('toyTrigger'),
		'dist/nodes/Toy/toy.svg': svg('<path d="M0 0h24v24z" fill="#111"/>'),
		'dist/nodes/Toy/toy.dark.svg': svg('<path d="M0 0h24v24z" fill="#eee"/>'),
		'dist/nodes/Toy/__schema__/v1.0.0/word/say.json':
			'{"type":"object","properties":{"said":{"type":"string"}}}',
		'dist/credentials/ToyApi.credentials.js': classFile('ToyApi', credential),
		'dist/credentials/toy.svg': svg('<circle r="1"/>'),
		'dist/credentials/toy.dark.svg': svg('<circle r="2"/>'),
		...changes,
	});

describe('auditManifest', () => {
	it('accepts a package without a fault', () => {
		expect(auditManifest(toyPackage())).toEqual([]);
	});

	it.each([
		[{ dependencies: { axios: '1.0.0' } }, 'package.json has dependencies'],
		[{ overrides: {} }, 'package.json has "overrides"'],
		[{ bundledDependencies: [] }, 'package.json has "bundledDependencies"'],
		[{ scripts: { postinstall: 'x' } }, 'package.json has the script "postinstall"'],
		[{ peerDependencies: {} }, 'peerDependencies is not exactly {"n8n-workflow":"*"}'],
		[
			{ peerDependencies: { 'n8n-workflow': '*', ws: '*' } },
			'peerDependencies is not exactly {"n8n-workflow":"*"}',
		],
		[{ peerDependenciesMeta: undefined }, 'The peer dependency n8n-workflow is not optional'],
		[{ license: 'ISC' }, 'The licence is not MIT'],
		[{ keywords: ['n8n'] }, 'The keyword "n8n-community-node-package" is missing'],
		[
			{ n8n: { ...manifest.n8n, nodes: [manifest.n8n.nodes[0]] } },
			'n8n.nodes does not name dist/nodes/Toy/ToyTrigger.node.js',
		],
		[
			{ n8n: { ...manifest.n8n, credentials: ['dist/credentials/Other.credentials.js'] } },
			'n8n.credentials names dist/credentials/Other.credentials.js, which is not there',
		],
	])('finds %j', (change, finding) => {
		const root = toyPackage({ 'package.json': JSON.stringify({ ...manifest, ...change }) });
		expect(auditManifest(root)).toContain(finding);
	});
});

describe('auditNodes', () => {
	it('accepts a package without a fault', () => {
		expect(auditNodes(toyPackage())).toEqual([]);
	});

	const toy = (change: object) =>
		classFile('Toy', { description: { ...node.description, ...change } });
	const toyTrigger = (change: object) =>
		classFile('ToyTrigger', { description: { ...trigger.description, ...change } });
	it('accepts a node that is no tool where it answers the calls of its trigger', () => {
		const root = toyPackage({
			'dist/nodes/Toy/Toy.node.js': toy({ usableAsTool: undefined }),
			'dist/nodes/Toy/ToyTrigger.node.js': toyTrigger({
				webhooks: [{ responseMode: 'responseNode' }],
			}),
		});
		expect(auditNodes(root)).toEqual([]);
	});

	const webhook = (change: object) =>
		toyTrigger({ webhooks: [{ responseMode: 'onReceived', responseData: 'noData', ...change }] });

	it.each([
		[{ 'Toy.node.js': classFile('Other', node) }, 'exports no class "Toy"'],
		[{ 'Toy.node.js': toy({ name: 'toys' }) }, 'its name is "toys", not that of its class'],
		[{ 'ToyTrigger.node.js': toyTrigger({ name: 'toy' }) }, 'another node is called "toy" too'],
		[
			{ 'Toy.node.js': toy({ credentials: [{ name: 'otherApi' }] }) },
			'no credential "otherApi" is in the package',
		],
		[{ 'Toy.node.js': toy({ usableAsTool: undefined }) }, 'it is not usable as a tool'],
		[{ 'Toy.node.json': undefined }, 'it has no codex file'],
		[{ 'Toy.node.json': codex('other') }, 'not "n8n-nodes-toys.toy"'],
		[
			{ 'Toy.node.json': '{"node":"n8n-nodes-toys.toy","alias":["a"]}' },
			'its codex file has no category',
		],
		[
			{ 'Toy.node.json': '{"node":"n8n-nodes-toys.toy","categories":["Misc"]}' },
			'its codex file has no search words',
		],
		[{ 'Toy.node.js': toy({ icon: 'file:toy.svg' }) }, 'not one for light and one for dark'],
		[{ 'toy.dark.svg': undefined }, 'dist/nodes/Toy/toy.dark.svg is not there'],
		[
			{ 'Toy.node.js': toy({ icon: { light: 'file:toy.png', dark: 'file:toy.svg' } }) },
			'toy.png is no SVG',
		],
		[
			{ 'Toy.node.js': toy({ icon: { light: 'file:toy.svg', dark: 'file:toy.svg' } }) },
			'its light and dark icons are the same',
		],
		[{ 'toy.svg': svg('<script/>') }, 'dist/nodes/Toy/toy.svg contains <script>'],
		[{ 'ToyTrigger.node.js': toyTrigger({ version: [1, 2] }) }, 'it has a version below 2'],
		[{ 'ToyTrigger.node.js': toyTrigger({ inputs: ['main'] }) }, 'a trigger has no inputs'],
		[{ 'ToyTrigger.node.js': toyTrigger({ usableAsTool: true }) }, 'a trigger is no tool'],
		[
			{ 'ToyTrigger.node.js': webhook({ path: '={{$parameter.path}}' }) },
			'its webhook\'s "path" is an expression',
		],
		[
			{ 'ToyTrigger.node.js': webhook({ responseMode: undefined }) },
			'its webhook\'s response mode is "undefined"',
		],
		[
			{ 'ToyTrigger.node.js': webhook({ responseData: undefined }) },
			'its webhook would answer with the word "firstEntryJson"',
		],
	])('finds %j', (change, finding) => {
		const files = Object.fromEntries(
			Object.entries(change).map(([name, content]) => [`dist/nodes/Toy/${name}`, content]),
		);
		expect(auditNodes(toyPackage(files)).join('\n')).toContain(finding);
	});
});

it('auditNodes finds a node in the folder of another', () => {
	const root = toyPackage({
		'package.json': JSON.stringify({ ...manifest, n8n: { nodes: ['dist/nodes/Car/Toy.node.js'] } }),
		'dist/nodes/Car/Toy.node.js': classFile('Toy', node),
	});
	expect(auditNodes(root)).toContain('Toy: it is in the folder of another node');
});

describe('auditCredentials', () => {
	it('accepts a package without a fault', () => {
		expect(auditCredentials(toyPackage())).toEqual([]);
	});

	it.each([
		['{ credentialTest: { check() {} } }', []],
		['{ credentialTest: {} }', ['ToyApi: it has no test']],
	])('takes a function of a node as the test: %s', (methods, findings) => {
		const tested = { ...node.description, credentials: [{ name: 'toyApi', testedBy: 'check' }] };
		const root = toyPackage({
			'dist/nodes/Toy/Toy.node.js': `${classFile('Plain', { description: tested })}
				exports.Toy = class extends exports.Plain { methods = ${methods}; };
				delete exports.Plain;`,
			'dist/credentials/ToyApi.credentials.js': classFile('ToyApi', {
				...credential,
				test: undefined,
			}),
		});
		expect(auditCredentials(root)).toEqual(findings);
	});

	it.each([
		[{ name: 'toysApi' }, 'its name is "toysApi", not that of its class'],
		[{ name: 'toysApi' }, 'no node uses it'],
		[{ test: undefined }, 'it has no test'],
		[{ documentationUrl: 'docs' }, 'it has no documentation URL'],
		[{ icon: undefined }, 'its icon is not one for light and one for dark'],
	])('finds %j', (change, finding) => {
		const root = toyPackage({
			'dist/credentials/ToyApi.credentials.js': classFile('ToyApi', { ...credential, ...change }),
		});
		expect(auditCredentials(root)).toContain(`ToyApi: ${finding}`);
	});
});

describe('auditSchemas', () => {
	const schema = 'dist/nodes/Toy/__schema__/v1.0.0/word/say.json';

	it('accepts a package without a fault', () => {
		expect(auditSchemas(toyPackage())).toEqual([]);
	});

	it.each([
		[{ [schema]: undefined }, `Toy: ${schema} is not there`],
		[{ [schema]: '{' }, `${schema} is no JSON`],
		[{ [schema]: '{"type":"object"}' }, `${schema} describes no object with properties`],
		[
			{ [schema]: '{"type":"object","properties":{"a":{"type":"array","items":{}}}}' },
			`${schema} gives an item of "a" no type`,
		],
		[
			{ 'dist/nodes/Toy/__schema__/v1.0.0/word/shout.json': '{}' },
			'dist/nodes/Toy/__schema__/v1.0.0/word/shout.json belongs to no operation',
		],
	])('finds %j', (change, finding) => {
		expect(auditSchemas(toyPackage(change))).toEqual([finding]);
	});
});

describe('auditSvg', () => {
	it('accepts a drawing with references into itself', () => {
		const gradient = '<defs><linearGradient id="g"/></defs>';
		expect(auditSvg(svg(`${gradient}<rect fill="url(#g)"/><use href="#g"/>`))).toEqual([]);
	});

	it.each([
		['<path', 'is no readable SVG'],
		[svg('', '0 0 24 25'), 'has no square viewBox'],
		['<svg xmlns="http://www.w3.org/2000/svg"/>', 'has no square viewBox'],
		[svg('<g><script>1</script></g>'), 'contains <script>'],
		[svg('<foreignObject/>'), 'contains <foreignObject>'],
		[svg('<image href="#x"/>'), 'contains <image>'],
		[svg('<rect onload="x()"/>'), 'reacts with onload'],
		[svg('<use href="https://example.test/a.svg#b"/>'), 'refers to "https://example.test/a.svg#b"'],
		[svg('<rect fill="url(https://example.test)"/>'), 'refers to "url(https://example.test)"'],
		[svg('<style>@import "https://example.test"</style>'), 'styles from elsewhere'],
		[`<!DOCTYPE svg>${svg('')}`, 'declares a document type'],
	])('finds in %s that it %s', (drawing, finding) => {
		expect(auditSvg(drawing)).toEqual([finding]);
	});
});
