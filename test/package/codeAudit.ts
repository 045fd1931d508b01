import { filesBelow } from '../support/buildOnce';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
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

function parse(file: string): ts.SourceFile {
	return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
	see(node);
	ts.forEachChild(node, (child) => visit(child, see));
}

/** The module that a node loads: its name, '' for one that is only known at run time. */
function loadedModule(node: ts.Node): string | undefined {
	const nameOf = (name: ts.Node | undefined) =>
		name && ts.isStringLiteralLike(name) ? name.text : '';
	if (ts.isImportDeclaration(node)) return nameOf(node.moduleSpecifier);
	if (ts.isExportDeclaration(node)) return node.moduleSpecifier && nameOf(node.moduleSpecifier);
	if (ts.isExternalModuleReference(node)) return nameOf(node.expression);
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
		return nameOf(node.argument.literal);
	if (!ts.isCallExpression(node)) return undefined;
	const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
	const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
	return isRequire || isImport ? nameOf(node.arguments[0]) : undefined;
}

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

/** Where a relative import leads, if to a file. */
function resolved(from: string, module: string): string | undefined {
	const base = resolve(dirname(from), module);
	return ['', '.js', '.ts', '.json', '/index.js', '/index.ts']
		.map((ending) => base + ending)
		.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
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

/** The provider that a file belongs to; 'shared' and undefined belong to all. */
function providerOf(path: string): string | undefined {
	const [top, second = ''] = path.split(sep);
	if (top === 'nodes') return second;
	return top === 'credentials' ? /^([A-Z]\w*?)Api\./.exec(second)?.[1] : undefined;
}

/**
 * Audits that no provider's sources import another's, and that what is shared imports none: each
 * provider must be a package by itself.
 */
export function auditIsolation(root: string): string[] {
	const findings: string[] = [];
	for (const top of ['nodes', 'credentials'])
		for (const name of filesBelow(join(root, top)).filter((file) => file.endsWith('.ts'))) {
			const path = join(top, name);
			visit(parse(join(root, path)), (node) => {
				const module = loadedModule(node);
				if (!module?.startsWith('.')) return;
				const target = relative(root, resolve(root, dirname(path), module));
				const [from, to] = [providerOf(path), providerOf(target)];
				if (target.startsWith('..') || !['nodes', 'credentials'].includes(target.split(sep)[0]!))
					findings.push(`${path} imports "${module}", which is not in the package`);
				else if (to !== 'shared' && from !== to) findings.push(`${path} imports ${target}`);
			});
		}
	return findings;
}
