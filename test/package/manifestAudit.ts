import { filesBelow } from '../support/buildOnce';
import '../support/n8nEnvironment';
import 'reflect-metadata';
import { resolveOutputSchemaPath } from 'n8n-core';
import type {
	ICredentialType,
	Icon,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	Themed,
} from 'n8n-workflow';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** Parsing of XML comes with n8n-workflow, without types. */
const { Parser } = require('xml2js') as {
	Parser: new (options: object) => {
		parseString(xml: string, done: (error: Error | null, document: XmlDocument) => void): void;
	};
};
interface XmlElement {
	'#name': string;
	$?: Record<string, string>;
	$$?: XmlElement[];
	_?: string;
}
type XmlDocument = Record<string, XmlElement>;

export interface Manifest {
	name: string;
	license?: string;
	keywords?: string[];
	dependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	peerDependenciesMeta?: Record<string, { optional?: boolean }>;
	scripts?: Record<string, string>;
	n8n?: { nodes?: string[]; credentials?: string[] };
	[field: string]: unknown;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

export const readManifest = (root: string) => readJson<Manifest>(join(root, 'package.json'));

/** Scripts that npm would run on the machine of whoever installs the package. */
const FORBIDDEN_SCRIPTS = [
	'prepare',
	'preinstall',
	'install',
	'postinstall',
	'prepublish',
	'preprepare',
	'postprepare',
];

/** Audits package.json by itself, and its lists against the files in `dist/`. */
export function auditManifest(root: string): string[] {
	const manifest = readManifest(root);
	const findings: string[] = [];
	if (Object.keys(manifest.dependencies ?? {}).length > 0)
		findings.push('package.json has dependencies');
	for (const field of ['overrides', 'resolutions', 'bundledDependencies', 'bundleDependencies'])
		if (field in manifest) findings.push(`package.json has "${field}"`);
	for (const script of FORBIDDEN_SCRIPTS)
		if (manifest.scripts?.[script]) findings.push(`package.json has the script "${script}"`);
	if (JSON.stringify(manifest.peerDependencies) !== '{"n8n-workflow":"*"}')
		findings.push('peerDependencies is not exactly {"n8n-workflow":"*"}');
	// Otherwise an install by hand brings a second n8n-workflow, with all that it depends on.
	if (manifest.peerDependenciesMeta?.['n8n-workflow']?.optional !== true)
		findings.push('The peer dependency n8n-workflow is not optional');
	if (manifest.license !== 'MIT') findings.push('The licence is not MIT');
	if (!manifest.keywords?.includes('n8n-community-node-package'))
		findings.push('The keyword "n8n-community-node-package" is missing');
	for (const [list, ending] of [
		['nodes', '.node.js'],
		['credentials', '.credentials.js'],
	] as const) {
		const named = manifest.n8n?.[list] ?? [];
		const built = filesBelow(join(root, 'dist'))
			.filter((file) => file.endsWith(ending))
			.map((file) => `dist/${file}`);
		for (const file of named.filter((name) => !built.includes(name)))
			findings.push(`n8n.${list} names ${file}, which is not there`);
		for (const file of built.filter((name) => !named.includes(name)))
			findings.push(`n8n.${list} does not name ${file}`);
	}
	return findings;
}

interface Loaded<T> {
	/** Path of the compiled file, relative to the package. */
	file: string;
	/** File name up to the first dot, which n8n takes for the class name. */
	className: string;
	instance: T;
}

/** An instance of each class that package.json lists. */
function load<T>(
	root: string,
	list: 'nodes' | 'credentials',
	findings: string[],
): Array<Loaded<T>> {
	return (readManifest(root).n8n?.[list] ?? []).flatMap((file) => {
		const className = basename(file).split('.')[0]!;
		const exported = require(join(root, file)) as Record<string, new () => T>;
		if (exported[className]) return [{ file, className, instance: new exported[className]() }];
		findings.push(`${file} exports no class "${className}"`);
		return [];
	});
}

export const loadNodes = (root: string, findings: string[] = []) =>
	load<INodeType>(root, 'nodes', findings);
const loadCredentials = (root: string, findings: string[] = []) =>
	load<ICredentialType>(root, 'credentials', findings);

export const isTrigger = (description: INodeTypeDescription) =>
	description.group.includes('trigger');

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Audits each node: names, codex file, icons, and what action and trigger nodes must declare. */
export function auditNodes(root: string): string[] {
	const findings: string[] = [];
	const nodes = loadNodes(root, findings);
	const credentialNames = loadCredentials(root).map(({ instance }) => instance.name);
	const names = new Set<string>();
	for (const { file, className, instance } of nodes) {
		const { description } = instance;
		const { name } = description;
		const say = (finding: string) => findings.push(`${className}: ${finding}`);
		if (names.has(name)) say(`another node is called "${name}" too`);
		names.add(name);
		if (name !== lowerFirst(className)) say(`its name is "${name}", not that of its class`);
		if (!className.startsWith(basename(dirname(file)))) say('it is in the folder of another node');
		for (const credential of description.credentials ?? [])
			if (!credentialNames.includes(credential.name))
				say(`no credential "${credential.name}" is in the package`);
		findings.push(...codexFindings(root, file, className, name));
		findings.push(...iconFindings(root, file, className, description.icon));
		if (isTrigger(description)) findings.push(...triggerFindings(className, description));
		else if (description.usableAsTool !== true && !answersCalls(name, nodes))
			say('it is not usable as a tool');
	}
	return findings;
}

function codexFindings(root: string, file: string, className: string, name: string): string[] {
	const codexFile = join(root, dirname(file), `${className}.node.json`);
	if (!existsSync(codexFile)) return [`${className}: it has no codex file`];
	const codex = readJson<{ node?: string; categories?: string[]; alias?: string[] }>(codexFile);
	const findings: string[] = [];
	const fullName = `${readManifest(root).name}.${name}`;
	if (codex.node !== fullName)
		findings.push(`${className}: its codex file says "${codex.node}", not "${fullName}"`);
	if (!codex.categories?.length) findings.push(`${className}: its codex file has no category`);
	if (!codex.alias?.length) findings.push(`${className}: its codex file has no search words`);
	return findings;
}

const RESPONSE_MODES = ['onReceived', 'lastNode', 'responseNode'];
/** They choose among the data of a last node, and are sent as words if there is none. */
const LAST_NODE_DATA = ['firstEntryJson', 'firstEntryBinary', 'allEntries'];

function triggerFindings(className: string, description: INodeTypeDescription): string[] {
	const findings: string[] = [];
	const say = (finding: string) => findings.push(`${className}: ${finding}`);
	if (!className.endsWith('Trigger')) say('the name of a trigger ends with Trigger');
	if (description.usableAsTool) say('a trigger is no tool');
	if (description.inputs.length > 0) say('a trigger has no inputs');
	// n8n evaluates an expression on every webhook of a trigger of version 1, which is slow.
	if ([description.version].flat().some((version) => version < 2)) say('it has a version below 2');
	for (const webhook of description.webhooks ?? []) {
		for (const [field, value] of Object.entries(webhook))
			if (typeof value === 'string' && value.startsWith('='))
				say(`its webhook's "${field}" is an expression`);
		const mode = webhook.responseMode;
		if (mode === undefined || !RESPONSE_MODES.includes(mode))
			say(`its webhook's response mode is "${mode}"`);
		if (mode === 'onReceived' && LAST_NODE_DATA.includes(webhook.responseData ?? 'firstEntryJson'))
			say(`its webhook would answer with the word "${webhook.responseData ?? 'firstEntryJson'}"`);
	}
	return findings;
}

/** Audits each credential: names, icons, documentation and test. */
export function auditCredentials(root: string): string[] {
	const findings: string[] = [];
	const nodes = loadNodes(root);
	for (const { file, className, instance } of loadCredentials(root, findings)) {
		const say = (finding: string) => findings.push(`${className}: ${finding}`);
		if (instance.name !== lowerFirst(className))
			say(`its name is "${instance.name}", not that of its class`);
		if (!instance.test && !isTestedByNodes(nodes, instance.name)) say('it has no test');
		if (!/^https?:\/\//.test(instance.documentationUrl ?? '')) say('it has no documentation URL');
		if (!nodes.some(({ instance: node }) => usesCredential(node, instance.name)))
			say('no node uses it');
		findings.push(...iconFindings(root, file, className, instance.icon));
	}
	return findings;
}

/** A node that answers the calls of its trigger has nothing to offer to an agent. */
const answersCalls = (name: string, nodes: ReturnType<typeof loadNodes>) =>
	nodes.some(
		({ instance: { description } }) =>
			description.name === `${name}Trigger` &&
			description.webhooks?.some(({ responseMode }) => responseMode === 'responseNode'),
	);

/** Whether a node has a function that tests the credential, where no request could. */
const isTestedByNodes = (nodes: ReturnType<typeof loadNodes>, name: string) =>
	nodes.some(({ instance: { description, methods } }) =>
		description.credentials?.some(
			(credential) =>
				credential.name === name &&
				typeof credential.testedBy === 'string' &&
				typeof methods?.credentialTest?.[credential.testedBy] === 'function',
		),
	);

const usesCredential = (node: INodeType, name: string) =>
	node.description.credentials?.some((credential) => credential.name === name);

function iconFindings(
	root: string,
	file: string,
	className: string,
	icon: Themed<Icon> | undefined,
): string[] {
	if (typeof icon !== 'object')
		return [`${className}: its icon is not one for light and one for dark`];
	const findings: string[] = [];
	const contents = ([icon.light, icon.dark] as string[]).map((reference) => {
		const path = join(root, dirname(file), reference.replace(/^file:/, ''));
		const name = relative(root, path);
		if (!path.endsWith('.svg')) findings.push(`${className}: ${name} is no SVG`);
		else if (!existsSync(path)) findings.push(`${className}: ${name} is not there`);
		else {
			const svg = readFileSync(path, 'utf8');
			findings.push(...auditSvg(svg).map((finding) => `${className}: ${name} ${finding}`));
			return svg;
		}
		return '';
	});
	if (contents[0] !== '' && contents[0] === contents[1])
		findings.push(`${className}: its light and dark icons are the same`);
	return findings;
}

/** What makes a picture load or run something, or hides a bitmap in it. */
const FORBIDDEN_ELEMENTS = ['script', 'foreignObject', 'image', 'iframe', 'a', 'animate', 'set'];

/** Audits one icon: square, drawn, and inert. Findings continue the name of the file. */
export function auditSvg(svg: string): string[] {
	let document: XmlDocument | undefined;
	const parser = new Parser({
		async: false,
		explicitChildren: true,
		preserveChildrenOrder: true,
		explicitArray: false,
	});
	parser.parseString(svg, (error, parsed) => {
		if (!error) document = parsed;
	});
	const picture = document?.svg;
	if (!picture) return ['is no readable SVG'];
	const findings: string[] = [];
	const [, , width, height] = (picture.$?.viewBox ?? '').split(/[\s,]+/).map(Number);
	if (!width || width !== height) findings.push('has no square viewBox');
	if (/<!(DOCTYPE|ENTITY)/i.test(svg)) findings.push('declares a document type');
	const look = (element: XmlElement) => {
		const name = element['#name'].replace(/^.*:/, '');
		if (FORBIDDEN_ELEMENTS.includes(name)) findings.push(`contains <${name}>`);
		if (/@import|url\((?!\s*['"]?#)/i.test(element._ ?? '')) findings.push('styles from elsewhere');
		for (const [attribute, value] of Object.entries(element.$ ?? {})) {
			if (/^on/i.test(attribute)) findings.push(`reacts with ${attribute}`);
			const isLink = /(^|:)(href|src)$/i.test(attribute) && !value.startsWith('#');
			if (isLink || /url\((?!\s*['"]?#)/i.test(value)) findings.push(`refers to "${value}"`);
		}
		element.$$?.forEach(look);
	};
	look({ ...picture, '#name': 'svg' });
	return findings;
}

export interface OperationChoice {
	resource?: string;
	operation: string;
}

/** Every operation that a user can choose in a node. */
export function operationsOf({ properties }: INodeTypeDescription): OperationChoice[] {
	const values = ({ options = [] }: INodeProperties) =>
		options.flatMap((option) => ('value' in option ? [String(option.value)] : []));
	return properties
		.filter(({ name }) => name === 'operation')
		.flatMap((property) => {
			const resources = (property.displayOptions?.show?.resource ?? [undefined]) as string[];
			return resources.flatMap((resource) =>
				values(property).map((operation) => ({
					...(resource === undefined ? {} : { resource }),
					operation,
				})),
			);
		});
}

/** Audits that every operation has an output schema where n8n looks for it, and no other is there. */
export function auditSchemas(root: string): string[] {
	const findings: string[] = [];
	const wanted = new Set<string>();
	for (const { file, className, instance } of loadNodes(root)) {
		const { description } = instance;
		if (isTrigger(description)) continue;
		for (const version of [description.version].flat())
			for (const choice of operationsOf(description)) {
				const nodeDir = join(root, dirname(file));
				const path = resolveOutputSchemaPath({ nodeDir, version, ...choice })!;
				wanted.add(path);
				const name = relative(root, path);
				if (!existsSync(path)) findings.push(`${className}: ${name} is not there`);
				else findings.push(...schemaFindings(path).map((finding) => `${name} ${finding}`));
			}
	}
	for (const file of filesBelow(join(root, 'dist'))) {
		const path = join(root, 'dist', file);
		if (file.includes('__schema__') && !wanted.has(path))
			findings.push(`dist/${file} belongs to no operation`);
	}
	return findings;
}

const SCHEMA_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

interface Schema {
	type?: string | string[];
	properties?: Record<string, Schema>;
	items?: Schema;
}

function schemaFindings(path: string): string[] {
	let schema: Schema;
	try {
		schema = readJson<Schema>(path);
	} catch {
		return ['is no JSON'];
	}
	if (schema.type !== 'object' || Object.keys(schema.properties ?? {}).length === 0)
		return ['describes no object with properties'];
	const untyped: string[] = [];
	const look = (part: Schema, name: string) => {
		const types = [part.type ?? ''].flat();
		if (!types.every((type) => SCHEMA_TYPES.includes(type))) untyped.push(`gives ${name} no type`);
		for (const [key, child] of Object.entries(part.properties ?? {})) look(child, `"${key}"`);
		if (part.items) look(part.items, `an item of ${name}`);
	};
	look(schema, 'the output');
	return untyped;
}
