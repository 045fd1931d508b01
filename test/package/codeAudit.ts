import { filesBelow } from '../support/buildOnce';
import { loadedModule, parse, resolved, visit } from './syntax';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

/** What compiled nodes may load besides their own files: n8n gives them these, and nothing else. */
const ALLOWED_PACKAGES = ['n8n-workflow', 'node:crypto', 'crypto'];

/** Globals that n8n's verification forbids, that reach the machine, or that go round n8n's HTTP. */
const FORBIDDEN_GLOBALS = new Set([
	'process',
	'global',
	'globalThis',
	'eval',
	'Function',
	'console',
	'fetch',
	'XMLHttpRequest',
	'setTimeout',
	'setInterval',
	'setImmediate',
	'clearTimeout',
	'clearInterval',
	'clearImmediate',
	'__dirname',
	'__filename',
]);

/** Whether an identifier stands for a value, rather than naming a property or a parameter. */
function isReference(node: ts.Identifier): boolean {
	const { parent } = node;
	if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
	if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent))
		return parent.name !== node;
	if (ts.isBindingElement(parent)) return parent.propertyName !== node;
	if (ts.isPropertyDeclaration(parent) || ts.isGetAccessor(parent)) return parent.name !== node;
	return true;
}

/**
 * Audits the compiled code of the package in `root` (its `dist/`): everything it loads and every
 * global it uses. Works on the syntax tree, so texts and comments do not count.
 */
export function auditCode(root: string): string[] {
	const dist = join(root, 'dist');
	const findings: string[] = [];
	if (!existsSync(dist)) return ['There is no dist folder'];
	for (const name of filesBelow(dist).filter((file) => /\.[cm]?js$/.test(file))) {
		const file = join(dist, name);
		visit(parse(file), (node) => {
			const module = loadedModule(node);
			if (module !== undefined && !ALLOWED_PACKAGES.includes(module)) {
				const target = module.startsWith('.') ? resolved(file, module) : undefined;
				if (module === '') findings.push(`${name} loads a module that is only known at run time`);
				else if (!module.startsWith('.')) findings.push(`${name} loads "${module}"`);
				else if (!target?.startsWith(dist + sep))
					findings.push(`${name} loads "${module}", which is not in dist`);
			}
			if (ts.isIdentifier(node) && isReference(node)) {
				if (FORBIDDEN_GLOBALS.has(node.text)) findings.push(`${name} uses "${node.text}"`);
				const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node;
				if (node.text === 'require' && !isCalled) findings.push(`${name} passes "require" on`);
				if (node.text === 'module' && !isExportsAccess(node.parent))
					findings.push(`${name} uses "module"`);
			}
			if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
				const callee = node.expression;
				if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'constructor')
					findings.push(`${name} calls a constructor by way of an object`);
			}
		});
	}
	return findings;
}

const isExportsAccess = (node: ts.Node) =>
	ts.isPropertyAccessExpression(node) && node.name.text === 'exports';
