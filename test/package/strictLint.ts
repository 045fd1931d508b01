import { ROOT } from '../support/buildOnce';
import { isTrigger, readManifest } from './manifestAudit';
import { sample } from './sample';
import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface LintFinding {
	file: string;
	rule: string;
	message: string;
}

/**
 * Lints files as `npm run lint` lints `nodes/`, `credentials/` and package.json: the same command
 * and the same configuration, in a folder of their own.
 */
export function strictLint(files: Record<string, string>): LintFinding[] {
	const root = sample({
		...Object.fromEntries(
			['package.json', 'tsconfig.json', 'eslint.config.mjs'].map((name) => [
				name,
				readFileSync(join(ROOT, name), 'utf8'),
			]),
		),
		'nodes/.keep': '',
		'credentials/.keep': '',
		...files,
	});
	symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
	const [command = ''] = readManifest(ROOT).scripts?.lint?.split(' && ') ?? [];
	const [tool, ...args] = command.split(' ');
	if (tool !== 'eslint' || !args.includes('--no-inline-config'))
		throw new Error(`The lint script does not start with the strict lint: ${command}`);
	const { stdout, stderr } = spawnSync(
		process.execPath,
		[
			join(ROOT, 'node_modules/eslint/bin/eslint.js'),
			...args,
			'--no-error-on-unmatched-pattern',
			'--format=json',
		],
		// With NODE_ENV=test the rules take every node for a regular node.
		{ cwd: root, encoding: 'utf8', timeout: 120_000, env: { ...process.env, NODE_ENV: '' } },
	);
	let results: Array<{ filePath: string; messages: Array<{ ruleId: string; message: string }> }>;
	try {
		results = JSON.parse(stdout) as typeof results;
	} catch {
		throw new Error(`eslint did not run:\n${stdout}\n${stderr}`);
	}
	return results.flatMap(({ filePath, messages }) =>
		messages.map(({ ruleId, message }) => ({
			file: relative(root, filePath),
			rule: ruleId,
			message,
		})),
	);
}

/**
 * A description as the rules want it that this package breaks on purpose: resources, operations and
 * events stand in the order of their use, because n8n lists them in this order to whom looks for one, and
 * a hyphen belongs into the action "Get many wrap-up codes".
 */
function withoutDeliberateFaults(description: INodeTypeDescription): INodeTypeDescription {
	const properties = description.properties.map((property) => {
		if (!['resource', 'operation', 'events'].includes(property.name)) return property;
		const options = (property.options ?? []) as INodePropertyOptions[];
		return {
			...property,
			options: [...options]
				.sort((a, b) => a.name.localeCompare(b.name))
				.map((option) => ({
					...option,
					...(option.action && { action: option.action.replace(/\b-\b/g, ' ') }),
				})),
		};
	});
	return { ...description, properties };
}

/**
 * Lints the parameters of nodes as if they stood in the node file. The rules read literals only:
 * of parameters that are computed or spread they see nothing.
 *
 * @param descriptions by class name
 */
export function lintParameters(descriptions: Record<string, INodeTypeDescription>): LintFinding[] {
	const files = Object.entries(descriptions).map(([className, description]) => {
		const file = `nodes/${className.replace(/Trigger$/, '')}/${className}.node.ts`;
		const code = [
			"import { type INodeType, type INodeTypeDescription } from 'n8n-workflow';",
			`export class ${className} implements INodeType {`,
			`	description: INodeTypeDescription = ${literal(withoutDeliberateFaults(description))};`,
			'}',
		];
		return [file, code.join('\n')] as const;
	});
	return strictLint(Object.fromEntries(files)).filter(({ rule }) =>
		/\/node-param-|\/no-emoji-in-options|\/resource-operation-pattern/.test(rule),
	);
}

/** A value as a person would write it: the rules do not see keys in quotation marks. */
function literal(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
	if (typeof value === 'string')
		return `'${JSON.stringify(value).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
	if (typeof value !== 'object' || value === null) return String(value);
	const fields = Object.entries(value).filter(([, field]) => field !== undefined);
	const key = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : literal(name));
	return `{ ${fields.map(([name, field]) => `${key(name)}: ${literal(field)}`).join(', ')} }`;
}

/** Audits what users read in a node and no lint rule demands. */
export function auditTexts(className: string, description: INodeTypeDescription): string[] {
	const findings: string[] = [];
	const say = (path: string, finding: string) => findings.push(`${className}: ${path} ${finding}`);
	for (const property of description.properties) {
		if (!['resource', 'operation'].includes(property.name)) continue;
		for (const option of property.options ?? []) {
			const { name } = option;
			if (!('value' in option)) continue;
			if (!option.description) say(name, 'has no description');
			if (property.name !== 'operation') continue;
			const { action } = option;
			if (!action) say(name, 'has no action');
			else if (!/^\p{Lu}/u.test(action) || action.endsWith('.'))
				say(name, `has an action that is no sentence without its period: "${action}"`);
			else if (/\b(an?|the)\b/i.test(action))
				say(name, `has an article in its action: "${action}"`);
		}
	}
	const look = (value: unknown, path: string): void => {
		if (typeof value === 'string' && /\p{Extended_Pictographic}/u.test(value))
			say(path, 'has an emoji');
		if (typeof value !== 'object' || value === null) return;
		for (const [name, field] of Object.entries(value)) look(field, path ? `${path}.${name}` : name);
	};
	look(description, '');
	if (isTrigger(description)) return findings;
	const unknown = (property: INodeProperties) =>
		Object.keys(property.displayOptions?.show ?? {}).filter(
			(name) => !/^[@/]/.test(name) && !description.properties.some((other) => other.name === name),
		);
	for (const property of description.properties)
		for (const name of unknown(property))
			say(property.name, `is shown for a parameter "${name}" that does not exist`);
	return findings;
}
