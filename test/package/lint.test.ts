import { ROOT, buildOnce } from '../support/buildOnce';
import { loadNodes } from './manifestAudit';
import { removeSamples } from './sample';
import { auditTexts, lintParameters, strictLint } from './strictLint';
import { NodeConnectionTypes, type INodeTypeDescription } from 'n8n-workflow';

jest.setTimeout(120_000);
afterAll(removeSamples);

describe('the parameters of the nodes', () => {
	const descriptions: Record<string, INodeTypeDescription> = {};
	beforeAll(async () => {
		await buildOnce();
		for (const { className, instance } of loadNodes(ROOT))
			descriptions[className] = instance.description;
	});

	it('pass the strict lint when they are written out', () => {
		expect(lintParameters(descriptions)).toEqual([]);
	});

	it('have descriptions and actions in the words of the guideline', () => {
		const findings = Object.entries(descriptions).flatMap(([className, description]) =>
			auditTexts(className, description),
		);
		expect(findings).toEqual([]);
	});
});

describe('the strict lint', () => {
	it('finds what verification forbids, also behind a disabling comment', () => {
		const rules = strictLint({
			'nodes/Bad/Bad.node.ts': [
				"import { readFileSync } from 'node:fs';",
				'/* eslint-disable */',
				'export function late() {',
				"	console.log(process.env.HOME, readFileSync('x'));",
				'	setTimeout(() => {}, 1);',
				'}',
			].join('\n'),
			'credentials/BadApi.credentials.ts': [
				"import type { ICredentialType } from 'n8n-workflow';",
				'export class BadApi implements ICredentialType {',
				"	name = 'badApi';",
				"	displayName = 'Bad API';",
				"	properties = [{ displayName: 'Password', name: 'password', type: 'string' as const, default: '' }];",
				'}',
			].join('\n'),
			'package.json': JSON.stringify({ name: 'bad', dependencies: { axios: '1' } }),
		}).map(({ rule }) => rule);
		expect(rules).toEqual(
			expect.arrayContaining([
				'@n8n/community-nodes/no-restricted-globals',
				'@n8n/community-nodes/no-restricted-imports',
				'@n8n/community-nodes/no-runtime-dependencies',
				'@n8n/community-nodes/credential-test-required',
				'no-console',
			]),
		);
	});
});

const description = (properties: INodeTypeDescription['properties']): INodeTypeDescription => ({
	displayName: 'Toy',
	name: 'toy',
	icon: 'file:toy.svg',
	group: ['transform'],
	version: 1,
	subtitle: '={{ $parameter.operation }}',
	description: "Plays with the provider's toys",
	defaults: { name: 'Toy' },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	usableAsTool: true,
	properties,
});
const option = (name: string) => ({
	name,
	value: name.toLowerCase(),
	description: `About ${name}`,
});

describe('lintParameters', () => {
	it('accepts good parameters and finds each fault of bad ones', () => {
		const findings = lintParameters({
			Toy: description([
				{
					displayName: 'Operation',
					name: 'operation',
					type: 'options',
					noDataExpression: true,
					options: [{ ...option('Say'), action: 'Say word' }],
					default: 'say',
				},
				{
					displayName: 'Paint',
					name: 'paint',
					type: 'options',
					options: ['Black', 'Blue', 'Green', 'Red', 'White'].map(option),
					default: 'red',
				},
			]),
			Bad: description([
				{
					displayName: 'Operation',
					name: 'operation',
					type: 'options',
					noDataExpression: true,
					options: [option('Say')],
					default: 'say',
				},
				{
					displayName: 'favorite paint',
					name: 'paint',
					type: 'options',
					options: ['White', 'Black', 'Blue', 'Green', 'Red'].map(option),
					default: 'pink',
				},
				{
					displayName: 'Loud',
					name: 'loud',
					type: 'boolean',
					description: 'Says it loud.',
					default: false,
				},
			]),
		});
		expect(findings.filter(({ file }) => file.includes('Toy'))).toEqual([]);
		const rules = findings.map(({ rule }) => rule.replace('n8n-nodes-base/', ''));
		expect(rules).toEqual(
			expect.arrayContaining([
				'node-param-operation-option-without-action',
				'node-param-display-name-miscased',
				'node-param-options-type-unsorted-items',
				'node-param-default-wrong-for-options',
				'node-param-description-boolean-without-whether',
			]),
		);
	});
});

describe('auditTexts', () => {
	const audit = (properties: object[]) =>
		auditTexts('Toy', description(properties as INodeTypeDescription['properties']));
	const operation = (change: object) => ({
		name: 'operation',
		options: [{ ...option('Say'), action: 'Say word', ...change }],
	});

	it('accepts good texts', () => {
		expect(audit([operation({})])).toEqual([]);
	});

	it.each([
		[{ description: undefined }, 'Say has no description'],
		[{ action: undefined }, 'Say has no action'],
		[{ action: 'say word' }, 'no sentence without its period: "say word"'],
		[{ action: 'Say word.' }, 'no sentence without its period: "Say word."'],
		[{ action: 'Say a word' }, 'has an article in its action: "Say a word"'],
		[{ description: 'Say it 🎉' }, 'properties.0.options.0.description has an emoji'],
	])('finds %j', (change, finding) => {
		expect(audit([operation(change)]).join()).toContain(finding);
	});

	it('finds a parameter that is shown for one that does not exist', () => {
		const lost = { name: 'word', displayOptions: { show: { resource: ['x'] } } };
		expect(audit([operation({}), lost])).toEqual([
			'Toy: word is shown for a parameter "resource" that does not exist',
		]);
	});
});
