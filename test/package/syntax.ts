import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** The syntax tree of a file, with parents. */
export function parse(file: string): ts.SourceFile {
	return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

/** Shows `see` a node and everything below it. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
	see(node);
	ts.forEachChild(node, (child) => visit(child, see));
}

/** The module that a node loads: its name, '' for one that is only known at run time. */
export function loadedModule(node: ts.Node): string | undefined {
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

/** All modules that a file loads, each as often as it does. */
export function loadedModules(file: string): string[] {
	const modules: string[] = [];
	visit(parse(file), (node) => {
		const module = loadedModule(node);
		if (module !== undefined) modules.push(module);
	});
	return modules;
}

/** Where a relative import leads, if to a file. */
export function resolved(from: string, module: string): string | undefined {
	const base = resolve(dirname(from), module);
	return ['', '.js', '.ts', '.json', '/index.js', '/index.ts']
		.map((ending) => base + ending)
		.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
