import { ROOT } from '../support/buildOnce';
import { nodeDescriptions, withoutTable, withTables } from './docTables';
import { NodeConnectionTypes, type INodeTypeDescription } from 'n8n-workflow';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const guides = readdirSync(join(ROOT, 'docs')).filter((file) => /^[a-z-]+\.md$/.test(file));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the documents', () => {
	const nodes = nodeDescriptions();

	it.each(['README.md', ...guides.map((file) => `docs/${file}`)])(
		'%s has the tables that `npm run docs` writes',
		(path) => {
			const written = withTables(read(path), nodes);
			if (process.env.UPDATE_DOCS === '1') writeFileSync(join(ROOT, path), written);
			expect(read(path)).toBe(written);
		},
	);

	it('have all nodes in the README, and all operations in the guides', () => {
		expect(read('README.md')).toMatch(/^<!-- table: nodes -->$/m);
		const documents = guides.map((file) => read(`docs/${file}`));
		expect(withoutTable(documents, nodes)).toEqual([]);
	});
});

const option = (name: string, description?: string) => ({
	name,
	value: name.toLowerCase(),
	description,
});
const toy: INodeTypeDescription = {
	displayName: 'Toy',
	name: 'toy',
	group: ['transform'],
	version: 1,
	description: '',
	defaults: { name: 'Toy' },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	properties: [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			default: 'ball',
			options: ['Ball', 'Box', 'Car'].map((name) => option(name)),
		},
		...['ball', 'box'].map((resource) => ({
			displayName: 'Operation',
			name: 'operation',
			type: 'options' as const,
			default: 'throw',
			displayOptions: { show: { resource: [resource] } },
			options: [option('Throw', 'Throw it | away')],
		})),
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			default: 'drive',
			displayOptions: { show: { resource: ['car'] } },
			options: [option('Drive', 'Drive it'), option('Park', 'Leave it')],
		},
		{
			displayName: 'Speed',
			name: 'speed',
			type: 'number',
			default: 1,
			displayOptions: { show: { resource: ['car'], operation: ['drive'] } },
		},
	],
};
const trigger: INodeTypeDescription = {
	...toy,
	displayName: 'Toy Trigger',
	name: 'toyTrigger',
	properties: [
		{
			displayName: 'Trigger On',
			name: 'events',
			type: 'multiOptions',
			default: [],
			options: [option('Thrown'), option('Broken')],
		},
	],
};
const END = '<!-- end of table -->';

describe('withTables', () => {
	it('writes the nodes with their resources, operations and events, and leaves the rest alone', () => {
		const document = `before\n\n<!-- table: nodes -->\nold\n${END}\n\nafter ${END}\n`;
		expect(withTables(document, [toy, trigger])).toBe(
			[
				'before\n\n<!-- table: nodes -->\n',
				'| Node | Resource | Operations |',
				'| --- | --- | --- |',
				'| **Toy** | Ball, Box | Throw |',
				'| | Car | Drive, Park |',
				'| **Toy Trigger** | | Thrown, Broken |',
				`\n${END}\n\nafter ${END}\n`,
			].join('\n'),
		);
	});

	it('writes the operations of the resources that are named', () => {
		expect(withTables(`<!-- table: toy ball car -->\n${END}`, [toy])).toBe(
			[
				'<!-- table: toy ball car -->\n',
				'| Operation | Fields | What it does |',
				'| --- | --- | --- |',
				'| Ball: **Throw** |  | Throw it \\| away |',
				'| Car: **Drive** | Speed | Drive it |',
				'| Car: **Park** |  | Leave it |',
				`\n${END}`,
			].join('\n'),
		);
	});

	it('changes nothing the second time', () => {
		const once = withTables(`<!-- table: toy -->\n${END}\n`, [toy]);
		expect(withTables(once, [toy])).toBe(once);
	});

	it.each([
		['doll', 'A table is about the node "doll", which does not exist'],
		['toy doll', 'A table is about doll, of which toy has none'],
	])('refuses a table of %s', (subject, message) => {
		expect(() => withTables(`<!-- table: ${subject} -->\n${END}`, [toy])).toThrow(message);
	});
});

test('withoutTable names what no table is about', () => {
	const table = (subject: string) => `<!-- table: ${subject} -->\n${END}\n`;
	expect(withoutTable([table('toy ball'), table('toy car')], [toy])).toEqual(['toy: box']);
	expect(withoutTable([table('toy')], [toy, trigger])).toEqual([]);
});
