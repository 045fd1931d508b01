import { filesBelow } from '../support/buildOnce';
import { loadedModule, loadedModules, parse, resolved, visit } from './syntax';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

const LONGEST_FILE = 400;
/** The file of a node holds its description, which n8n's lint wants as one literal. */
const LONGEST_NODE_FILE = 450;
const MOST_MUTABLE_FIELDS = 9;

/** The classes in them are n8n's way in: n8n finds them by package.json, and calls their members. */
const isEntry = (path: string) => /\.(node|credentials)\.ts$/.test(path);

/** The TypeScript files of what is shipped, relative to the package in `root`. */
function sourcesOf(root: string): string[] {
	return ['nodes', 'credentials'].flatMap((top) =>
		filesBelow(join(root, top))
			.filter((file) => file.endsWith('.ts'))
			.map((file) => join(top, file)),
	);
}

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
	for (const path of sourcesOf(root))
		for (const module of loadedModules(join(root, path))) {
			if (!module.startsWith('.')) continue;
			const target = relative(root, resolve(root, dirname(path), module));
			const [from, to] = [providerOf(path), providerOf(target)];
			if (target.startsWith('..') || !['nodes', 'credentials'].includes(target.split(sep)[0]!))
				findings.push(`${path} imports "${module}", which is not in the package`);
			else if (to !== 'shared' && from !== to) findings.push(`${path} imports ${target}`);
		}
	return findings;
}

/** Audits that a provider's `api/` knows nothing of n8n, except where a credential becomes an Api. */
export function auditApis(root: string): string[] {
	const isApi = /^nodes[/\\][^/\\]+[/\\]api[/\\](?!connect\.ts$)/;
	return sourcesOf(root)
		.filter((path) => isApi.test(path))
		.filter((path) => loadedModules(join(root, path)).includes('n8n-workflow'))
		.map((path) => `${path} imports "n8n-workflow"`);
}

/** What every supported n8n exports. */
const EVERYWHERE = new Set(['NodeApiError', 'NodeConnectionTypes', 'NodeOperationError', 'sleep']);

/**
 * Audits that nothing but `shared/host.ts` uses what the oldest supported n8n lacks: values that
 * n8n-workflow did not export yet, `saveFailedExecution`, the second argument of `sleep` and the fourth
 * of `emit`.
 */
export function auditHost(root: string): string[] {
	const findings: string[] = [];
	for (const path of sourcesOf(root)) {
		if (path === join('nodes', 'shared', 'host.ts')) continue;
		visit(parse(join(root, path)), (node) => {
			for (const name of valuesFromN8n(node))
				if (!EVERYWHERE.has(name)) findings.push(`${path} imports ${name} from n8n-workflow`);
			if (ts.isPropertyAccessExpression(node) && node.name.text === 'saveFailedExecution')
				findings.push(`${path} uses saveFailedExecution`);
			if (!ts.isCallExpression(node)) return;
			const called = /(?:^|\.)(sleep|emit)$/.exec(node.expression.getText())?.[1];
			const most = called === 'sleep' ? 1 : 3;
			if (called !== undefined && node.arguments.length > most)
				findings.push(`${path} gives ${called} more than ${most} arguments`);
		});
	}
	return findings;
}

/** The names of the values that a node imports from n8n-workflow; `*` for all of them. */
function valuesFromN8n(node: ts.Node): string[] {
	if (!ts.isImportDeclaration(node) || loadedModule(node) !== 'n8n-workflow') return [];
	const clause = node.importClause;
	if (clause === undefined || clause.isTypeOnly) return [];
	const names = clause.namedBindings;
	if (names === undefined || !ts.isNamedImports(names)) return ['*'];
	return names.elements
		.filter(({ isTypeOnly }) => !isTypeOnly)
		.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** Audits how long files are, and how much state the classes have. */
export function auditSizes(root: string): string[] {
	const findings: string[] = [];
	for (const path of sourcesOf(root).filter((file) => file.startsWith('nodes'))) {
		const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
		const limit = path.endsWith('.node.ts') ? LONGEST_NODE_FILE : LONGEST_FILE;
		if (lines > limit) findings.push(`${path} has ${lines} lines, more than ${limit}`);
		visit(parse(join(root, path)), (node) => {
			if (!ts.isClassLike(node)) return;
			const fields = mutableFields(node);
			if (fields.length > MOST_MUTABLE_FIELDS)
				findings.push(
					`${path}: ${node.name?.text ?? 'a class'} has ${fields.length} mutable fields, more than ${MOST_MUTABLE_FIELDS}`,
				);
		});
	}
	return findings;
}

function mutableFields(node: ts.ClassLikeDeclaration): string[] {
	const isMutable = (declaration: ts.PropertyDeclaration | ts.ParameterDeclaration) =>
		!declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
	const parameters = node.members
		.filter(ts.isConstructorDeclaration)
		.flatMap((constructor) => constructor.parameters)
		.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent));
	return [...node.members.filter(ts.isPropertyDeclaration), ...parameters]
		.filter(isMutable)
		.map(({ name }) => name.getText());
}

/** Audits that no file imports itself by way of others. Imports of types count as well. */
export function auditCircles(root: string): string[] {
	const imports = new Map(
		sourcesOf(root).map((path) => {
			const targets = loadedModules(join(root, path))
				.filter((module) => module.startsWith('.'))
				.map((module) => resolved(join(root, path), module))
				.filter((target) => target !== undefined)
				.map((target) => relative(root, target));
			return [path, [...new Set(targets)]] as const;
		}),
	);
	const findings: string[] = [];
	const finished = new Set<string>();
	const follow = (path: string, way: string[]) => {
		if (way.includes(path)) {
			findings.push([...way.slice(way.indexOf(path)), path].join(' → '));
			return;
		}
		if (finished.has(path)) return;
		for (const target of imports.get(path) ?? []) follow(target, [...way, path]);
		finished.add(path);
	};
	for (const path of imports.keys()) follow(path, []);
	return findings;
}

/**
 * Audits that everything exported is used by another file that is shipped, and every public member
 * of a class by code outside of the class. What only tests use, or nobody, is a finding. What n8n
 * or a base type asks for is not.
 */
export function auditExports(root: string): string[] {
	const paths = sourcesOf(root);
	const program = ts.createProgram(
		paths.map((path) => join(root, path)),
		{
			target: ts.ScriptTarget.ES2022,
			module: ts.ModuleKind.CommonJS,
			moduleResolution: ts.ModuleResolutionKind.Node10,
			strict: true,
			noEmit: true,
			types: [],
		},
	);
	const checker = program.getTypeChecker();
	const files = paths.map((path) => program.getSourceFile(join(root, path))!);
	const uses = usesIn(files, checker);
	const isUsedOutside = (declaration: ts.Node, area: ts.Node) =>
		(uses.get(declaration) ?? []).some(
			(use) =>
				use.getSourceFile() !== area.getSourceFile() ||
				use.pos < area.getFullStart() ||
				use.end > area.end,
		);
	const findings: string[] = [];
	for (const [index, file] of files.entries()) {
		const path = paths[index]!;
		const module = checker.getSymbolAtLocation(file);
		for (const exported of module ? checker.getExportsOfModule(module) : []) {
			const symbol = aliased(exported, checker);
			const declarations = symbol.declarations ?? [];
			const isClass = declarations.some(ts.isClassDeclaration);
			if (isEntry(path) && isClass) continue;
			// A type may stand in the signature of what the file exports besides.
			const isType = declarations.every(
				(node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
			);
			if (isType && declarations.some((node) => uses.has(node))) continue;
			if (!declarations.some((declaration) => isUsedOutside(declaration, file)))
				findings.push(`${path} exports ${exported.name}, which no other file uses`);
		}
		visit(file, (node) => {
			if (!ts.isClassLike(node) || (isEntry(path) && ts.isClassDeclaration(node))) return;
			for (const member of publicMembers(node, checker))
				if (!isUsedOutside(member, node))
					findings.push(
						`${path}: nothing outside of ${node.name?.text ?? 'a class'} uses its public ${member.name!.getText()}`,
					);
		});
	}
	return findings;
}

/** Every use of a declaration in the files, other than the declaration and imports themselves. */
function usesIn(files: ts.SourceFile[], checker: ts.TypeChecker): Map<ts.Node, ts.Node[]> {
	const uses = new Map<ts.Node, ts.Node[]>();
	const note = (symbol: ts.Symbol | undefined, use: ts.Node) => {
		for (const declaration of symbol ? (aliased(symbol, checker).declarations ?? []) : []) {
			if (ts.getNameOfDeclaration(declaration as ts.Declaration) === use) continue;
			uses.set(declaration, [...(uses.get(declaration) ?? []), use]);
		}
	};
	for (const file of files)
		visit(file, (node) => {
			if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node) && !ts.isStringLiteral(node))
				return;
			const { parent } = node;
			if (ts.isImportSpecifier(parent) || ts.isImportClause(parent)) return;
			if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
				const name = parent.propertyName ?? parent.name;
				if (name === node && ts.isIdentifier(node))
					note(checker.getTypeAtLocation(parent.parent).getProperty(node.text), node);
			}
			if (ts.isShorthandPropertyAssignment(parent))
				note(checker.getShorthandAssignmentValueSymbol(parent), node);
			note(checker.getSymbolAtLocation(node), node);
		});
	return uses;
}

const aliased = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
	symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** The members that a class offers of its own accord, not because a base type asks for them. */
function publicMembers(
	node: ts.ClassLikeDeclaration,
	checker: ts.TypeChecker,
): Array<ts.ClassElement | ts.ParameterPropertyDeclaration> {
	const bases = (node.heritageClauses ?? [])
		.flatMap(({ types }) => types)
		.map((type) => checker.getTypeAtLocation(type));
	const isPublic = (member: ts.ClassElement | ts.ParameterPropertyDeclaration) =>
		!(ts.canHaveModifiers(member) ? member.modifiers : undefined)?.some(
			({ kind }) =>
				kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
		);
	const parameters = node.members
		.filter(ts.isConstructorDeclaration)
		.flatMap((constructor) => constructor.parameters)
		.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent));
	return [...node.members, ...parameters]
		.filter(isPublic)
		.filter(
			({ name }) =>
				name && ts.isIdentifier(name) && !bases.some((base) => base.getProperty(name.text)),
		);
}
