import { createNodeAsTool } from 'n8n-core/dist/execution-engine/node-execution-context/utils/create-node-as-tool';
import { NodeHelpers } from 'n8n-workflow';
import type { INode, INodeProperties, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { nodeDescriptions, resourcesOf } from './docTables';

/** What n8n makes of the action nodes for AI agents: it calls them by the name with "Tool" behind. */
const tools = nodeDescriptions()
	.filter(({ group }) => !group.includes('trigger'))
	.map((description) => ({ ...description, name: `${description.name}Tool` }));

const operations = tools.flatMap((tool) =>
	resourcesOf(tool).flatMap(({ value: resource, operations: own }) =>
		own.map(({ value: operation }) => ({ node: tool.displayName, resource, operation, tool })),
	),
);

/** What a model can fill in, as n8n calls it in `$fromAI`. Collections and notices it cannot. */
const TYPE_FOR_MODEL: Partial<Record<INodeProperties['type'], string>> = {
	string: 'string',
	number: 'number',
	boolean: 'boolean',
	json: 'json',
	options: 'string',
	resourceLocator: 'string',
};

interface Field {
	key: string;
	property: INodeProperties;
}

/** The fields of an operation that the panel of the tool shows and leaves to the model. */
function fieldsForModel(tool: INodeTypeDescription, resource: string, operation: string): Field[] {
	const node = nodeOf(tool, { resource, operation });
	const values = NodeHelpers.getNodeParameters(
		tool.properties,
		node.parameters,
		true,
		false,
		node,
		tool,
	)!;
	return tool.properties
		.filter(({ type, noDataExpression }) => type in TYPE_FOR_MODEL && noDataExpression !== true)
		.filter((property) => NodeHelpers.displayParameter(values, property, node, tool))
		.map((property) => ({ key: property.displayName.replace(/\W+/g, '_'), property }));
}

function nodeOf(tool: INodeTypeDescription, parameters: INode['parameters']): INode {
	const { name } = tool;
	return { id: '1', name, type: name, typeVersion: 1, position: [0, 0], parameters };
}

/** A field as the editor stores it when a person lets the model fill it in. */
function leftToModel({ key, property: { type, description } }: Field) {
	const text = `={{ $fromAI('${key}', \`${description ?? ''}\`, '${TYPE_FOR_MODEL[type]!}') }}`;
	return type === 'resourceLocator' ? { __rl: true, mode: 'id', value: text } : text;
}

test.each(operations)(
	'$node $resource: $operation tells a model what each field is for',
	({ resource, operation, tool }) => {
		const fields = fieldsForModel(tool, resource, operation);
		const filled = Object.fromEntries(
			fields.map((field) => [field.property.name, leftToModel(field)]),
		);
		const { schema, description } = createNodeAsTool({
			node: nodeOf(tool, { resource, operation, ...filled }),
			nodeType: { description: tool } as INodeType,
			handleToolInvocation: async () => undefined,
		}).response;
		expect(description).not.toBe('');
		expect(Object.keys(schema.shape)).toEqual(fields.map(({ key }) => key));
		for (const field of Object.values(schema.shape)) {
			expect(field.description).toMatch(/\w+ \w+/);
		}
	},
);

test.each(operations)(
	'$node $resource: $operation opens on the IDs of what a model chooses, and does not let it simplify',
	({ resource, operation, tool }) => {
		const fields = fieldsForModel(tool, resource, operation);
		expect(fields.map(({ property }) => property.name)).not.toContain('simplify');
		for (const { property } of fields) {
			if (property.type === 'resourceLocator')
				expect(property.default).toHaveProperty('mode', 'id');
		}
	},
);
