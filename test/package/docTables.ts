import { readManifest } from './manifestAudit';
import { ROOT } from '../support/buildOnce';
import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { basename, join } from 'node:path';

/** What nearly every operation has; it tells nothing about one. */
const COMMON_FIELDS = ['Simplify', 'Options'];

/** One of a node's resources as users see it. */
interface DescribedResource {
	name: string;
	value: string;
	operations: Array<{ name: string; value: string; description: string; fields: string[] }>;
}

/** The descriptions of all nodes, in the order of package.json: action nodes, each with its trigger. */
export function nodeDescriptions(): INodeTypeDescription[] {
	return readManifest(ROOT).n8n!.nodes!.map((compiled) => {
		const source = compiled.replace(/^dist\//, '').replace(/\.js$/, '');
		const classes = require(join(ROOT, source)) as Record<
			string,
			new () => { description: INodeTypeDescription }
		>;
		return new classes[basename(source, '.node')]!().description;
	});
}

/** The resources of an action node, in the order of the panel. */
export function resourcesOf({ properties }: INodeTypeDescription): DescribedResource[] {
	const resources = optionsOf(properties.find(({ name }) => name === 'resource'));
	return resources.map(({ name, value }) => {
		const isShown = ({ displayOptions }: INodeProperties) =>
			displayOptions?.show?.resource?.includes(value) ?? false;
		const operations = properties.find(
			(property) => property.name === 'operation' && isShown(property),
		);
		return {
			name,
			value: String(value),
			operations: optionsOf(operations).map((operation) => ({
				name: operation.name,
				value: String(operation.value),
				description: operation.description ?? '',
				fields: properties
					.filter(isShown)
					.filter(({ displayOptions }) =>
						displayOptions?.show?.operation?.includes(operation.value),
					)
					.filter(({ type }) => type !== 'notice')
					.map(({ displayName }) => displayName)
					.filter((field) => !COMMON_FIELDS.includes(field))
					.filter((field, index, all) => all.indexOf(field) === index),
			})),
		};
	});
}

const optionsOf = (property: INodeProperties | undefined) =>
	(property?.options ?? []) as INodePropertyOptions[];

/** The table of all nodes: resources with the same operations share a row. */
export function nodeTable(nodes: INodeTypeDescription[]): string[] {
	const rows = nodes.flatMap((description) => {
		const node = `**${description.displayName}**`;
		const events = optionsOf(description.properties.find(({ name }) => name === 'events'));
		if (events.length > 0) return [`| ${node} | | ${events.map(({ name }) => name).join(', ')} |`];
		const resourcesByOperations = new Map<string, string[]>();
		for (const { name, operations } of resourcesOf(description)) {
			const key = operations.map((operation) => operation.name).join(', ');
			resourcesByOperations.set(key, [...(resourcesByOperations.get(key) ?? []), name]);
		}
		return [...resourcesByOperations].map(
			([operations, resources], index) =>
				`| ${index === 0 ? `${node} ` : ''}| ${resources.join(', ')} | ${operations} |`,
		);
	});
	return ['| Node | Resource | Operations |', '| --- | --- | --- |', ...rows];
}

/** The table of a node's operations, of all or of some of its resources. */
export function operationTable(description: INodeTypeDescription, resources: string[]): string[] {
	const rows = resourcesOf(description)
		.filter(({ value }) => resources.length === 0 || resources.includes(value))
		.flatMap(({ name: resource, operations }) =>
			operations.map(
				({ name, description: text, fields }) =>
					`| ${resource}: **${name}** | ${fields.join(', ')} | ${inText(text)} |`,
			),
		);
	return ['| Operation | Fields | What it does |', '| --- | --- | --- |', ...rows];
}

const inText = (description: string) => description.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const TABLE = /^(<!-- table: (\S+)((?: \S+)*) -->\n)[^]*?^<!-- end of table -->$/gm;

/**
 * Puts the tables anew into a document, where it has a place for one:
 * `<!-- table: nodes -->` or `<!-- table: <node> <resource> … -->`, up to `<!-- end of table -->`.
 *
 * @throws for a node or a resource that does not exist
 */
export function withTables(document: string, nodes: INodeTypeDescription[]): string {
	return document.replace(TABLE, (_all, begin: string, subject: string, rest: string) => {
		const table =
			subject === 'nodes' ? nodeTable(nodes) : tableOf(subject, rest.split(' ').slice(1));
		return [`${begin}`, ...table, '', '<!-- end of table -->'].join('\n');
	});

	function tableOf(name: string, resources: string[]): string[] {
		const description = nodes.find((node) => node.name === name);
		if (!description) throw new Error(`A table is about the node "${name}", which does not exist`);
		const known = resourcesOf(description).map(({ value }) => value);
		const unknown = resources.filter((resource) => !known.includes(resource));
		if (unknown.length > 0)
			throw new Error(`A table is about ${unknown.join(', ')}, of which ${name} has none`);
		return operationTable(description, resources);
	}
}

/** The resources of action nodes that no table in the documents is about. */
export function withoutTable(documents: string[], nodes: INodeTypeDescription[]): string[] {
	const subjects = documents
		.flatMap((document) => [...document.matchAll(TABLE)])
		.map(([, , node, resources = '']) => ({ node, resources: resources.split(' ').slice(1) }));
	return nodes.flatMap((description) =>
		resourcesOf(description)
			.filter(
				({ value }) =>
					!subjects.some(
						({ node, resources }) =>
							node === description.name && (resources.length === 0 || resources.includes(value)),
					),
			)
			.map(({ value }) => `${description.name}: ${value}`),
	);
}
