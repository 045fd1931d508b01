import { ROOT } from '../support/buildOnce';
import { removeSamples, sample } from './sample';
import {
	auditApis,
	auditCircles,
	auditExports,
	auditHost,
	auditIsolation,
	auditSizes,
} from './sourceAudit';

afterAll(removeSamples);

describe('the sources', () => {
	it('keep the providers apart', () => {
		expect(auditIsolation(ROOT)).toEqual([]);
	});

	it('know nothing of n8n in api/, except where a credential becomes an Api', () => {
		expect(auditApis(ROOT)).toEqual([]);
	});

	it('use what the oldest supported n8n lacks in shared/host.ts alone', () => {
		expect(auditHost(ROOT)).toEqual([]);
	});

	it('are files and classes that one can read', () => {
		expect(auditSizes(ROOT)).toEqual([]);
	});

	it('import each other in no circle', () => {
		expect(auditCircles(ROOT)).toEqual([]);
	});

	it('export nothing that only tests use', () => {
		expect(auditExports(ROOT)).toEqual([]);
	});
});

describe('auditIsolation', () => {
	const audit = (path: string, code: string) => auditIsolation(sample({ [path]: code }));

	it.each([
		['nodes/Omnize/Omnize.node.ts', 'import { run } from "../shared/operation";'],
		['nodes/Omnize/resources/a.ts', 'import { Api } from "../OmnizeApi";'],
		['nodes/shared/run.ts', 'import { redact } from "./errors";'],
		['credentials/OmnizeApi.credentials.ts', 'import { x } from "../nodes/shared/x";'],
		['credentials/OmnizeApi.credentials.ts', 'import { x } from "../nodes/Omnize/x";'],
	])('accepts in %s: %s', (path, code) => {
		expect(audit(path, code)).toEqual([]);
	});

	it.each([
		[
			'nodes/Omnize/a.ts',
			'import { b } from "../Gitple/b";',
			'nodes/Omnize/a.ts imports nodes/Gitple/b',
		],
		[
			'nodes/Omnize/a.ts',
			'import type { B } from "../Gitple/b";',
			'nodes/Omnize/a.ts imports nodes/Gitple/b',
		],
		[
			'nodes/Omnize/a.ts',
			'type B = import("../Gitple/b").B;',
			'nodes/Omnize/a.ts imports nodes/Gitple/b',
		],
		[
			'nodes/shared/a.ts',
			'export * from "../Omnize/b";',
			'nodes/shared/a.ts imports nodes/Omnize/b',
		],
		[
			'credentials/OmnizeApi.credentials.ts',
			'import { b } from "../nodes/Gitple/b";',
			'credentials/OmnizeApi.credentials.ts imports nodes/Gitple/b',
		],
		[
			'nodes/Omnize/a.ts',
			'import { b } from "../../test/simulators/b";',
			'nodes/Omnize/a.ts imports "../../test/simulators/b", which is not in the package',
		],
	])('finds in %s: %s', (path, code, finding) => {
		expect(audit(path, code)).toEqual([finding]);
	});
});

describe('auditApis', () => {
	const audit = (path: string, code: string) => auditApis(sample({ [path]: code }));

	it.each([
		['nodes/Omnize/api/connect.ts', 'import type { INode } from "n8n-workflow";'],
		['nodes/Omnize/resources/a.ts', 'import { sleep } from "n8n-workflow";'],
		['nodes/Omnize/api/a.ts', 'import { connect } from "./connect"; // "n8n-workflow"'],
	])('accepts in %s: %s', (path, code) => {
		expect(audit(path, code)).toEqual([]);
	});

	it.each([
		['nodes/Omnize/api/OmnizeApi.ts', 'import { sleep } from "n8n-workflow";'],
		['nodes/Omnize/api/OmnizeApi.ts', 'import type { INode } from "n8n-workflow";'],
		['nodes/Omnize/api/wire/connect.ts', 'type A = import("n8n-workflow").INode;'],
	])('finds in %s: %s', (path, code) => {
		expect(audit(path, code)).toEqual([`${path} imports "n8n-workflow"`]);
	});
});

describe('auditHost', () => {
	const audit = (path: string, code: string) => auditHost(sample({ [path]: code }));

	it.each([
		['nodes/shared/host.ts', 'import { isSafeObjectProperty } from "n8n-workflow";'],
		['nodes/Omnize/a.ts', 'import type { isSafeObjectProperty } from "n8n-workflow";'],
		['nodes/Omnize/a.ts', 'import { sleep } from "n8n-workflow"; await sleep(5);'],
		['nodes/Omnize/a.ts', 'functions.emit([items], undefined, done);'],
		['nodes/Omnize/a.ts', 'saveFailedExecution(functions, error);'],
	])('accepts in %s: %s', (path, code) => {
		expect(audit(path, code)).toEqual([]);
	});

	it.each([
		['import { jsonParse, sleep } from "n8n-workflow";', 'imports jsonParse from n8n-workflow'],
		['import * as n8n from "n8n-workflow";', 'imports * from n8n-workflow'],
		['await sleep(5, signal);', 'gives sleep more than 1 arguments'],
		['functions.emit(a, b, c, key);', 'gives emit more than 3 arguments'],
		['functions.saveFailedExecution(error);', 'uses saveFailedExecution'],
	])('finds %s', (code, finding) => {
		expect(audit('nodes/Omnize/a.ts', code)).toEqual([`nodes/Omnize/a.ts ${finding}`]);
	});
});

describe('auditSizes', () => {
	const audit = (path: string, code: string) => auditSizes(sample({ [path]: code }));
	const lines = (count: number) => '// line\n'.repeat(count);
	const classWith = (fields: number, more: string) =>
		`class A {\n${Array.from({ length: fields }, (_, index) => `private f${index} = 0;`).join('\n')}\n${more} }`;

	it.each([
		['nodes/Omnize/api/a.ts', lines(400)],
		['nodes/Omnize/Omnize.node.ts', lines(450)],
		['nodes/Omnize/b.ts', classWith(9, 'readonly a = 1; constructor(readonly c: 1, d: 2) {}')],
	])('accepts %s', (path, code) => {
		expect(audit(path, code)).toEqual([]);
	});

	it.each([
		['nodes/Omnize/api/a.ts', lines(401), ' has 401 lines, more than 400'],
		['nodes/Omnize/Omnize.node.ts', lines(451), ' has 451 lines, more than 450'],
		['nodes/Omnize/b.ts', classWith(10, ''), ': A has 10 mutable fields, more than 9'],
		[
			'nodes/Omnize/b.ts',
			classWith(9, 'constructor(private e: 1) {}'),
			': A has 10 mutable fields, more than 9',
		],
		['nodes/Omnize/b.ts', classWith(9, '#e = 1'), ': A has 10 mutable fields, more than 9'],
	])('finds in %s what is too large', (path, code, finding) => {
		expect(audit(path, code)).toEqual([path + finding]);
	});
});

describe('auditCircles', () => {
	const audit = (files: Record<string, string>) => auditCircles(sample(files));

	it('accepts two ways to one file', () => {
		const findings = audit({
			'nodes/shared/a.ts': 'import "./b"; import "./c";',
			'nodes/shared/b.ts': 'import "./c";',
			'nodes/shared/c.ts': '',
		});
		expect(findings).toEqual([]);
	});

	it.each(['import { a } from "./a";', 'import type { A } from "./a";', 'export * from "./a";'])(
		'finds a circle that %s closes',
		(code) => {
			const findings = audit({
				'nodes/shared/a.ts': 'import "./b";',
				'nodes/shared/b.ts': 'import "./c";',
				'nodes/shared/c.ts': code,
			});
			expect(findings).toEqual([
				'nodes/shared/a.ts → nodes/shared/b.ts → nodes/shared/c.ts → nodes/shared/a.ts',
			]);
		},
	);
});

describe('auditExports', () => {
	const audit = (code: string, user: string) =>
		auditExports(
			sample({
				'nodes/shared/a.ts': code,
				'nodes/Toy/Toy.node.ts': `${user}; export class Toy { description = 1; execute() {} }`,
				'nodes/shared/own.ts': 'export class Own {}',
			}),
		).filter((finding) => !finding.includes('Own'));

	it.each([
		['export function a() {}', 'import { a } from "../shared/a"; a()'],
		['export const a = 1;', 'import * as all from "../shared/a"; all.a'],
		['export interface A { b: C } export interface C {}', 'type A = import("../shared/a").A'],
		[
			'export class A { b() {} get c() { return 1; } private d() {} }',
			'import { A } from "../shared/a"; const { c } = new A(); new A().b(), c',
		],
		[
			'interface B { close(): void } export class A implements B { close() {} }',
			'import { A } from "../shared/a"; new A()',
		],
		[
			'export class A extends Error { override message = "" }',
			'import { A } from "../shared/a"; new A()',
		],
	])('accepts %s where there is %s', (code, user) => {
		expect(audit(code, user)).toEqual([]);
	});

	it.each([
		['export function a() {}', '', ' exports a, which no other file uses'],
		['export const a = 1; a + 1;', '', ' exports a, which no other file uses'],
		['export interface A {}', '', ' exports A, which no other file uses'],
		[
			'export const a = 1;',
			'import { a } from "../shared/a"',
			' exports a, which no other file uses',
		],
		[
			'export class A { b() { this.c; } c = 1; }',
			'import { A } from "../shared/a"; new A().b()',
			': nothing outside of A uses its public c',
		],
		[
			'export class A { constructor(readonly b: number) {} }',
			'import { A } from "../shared/a"; new A(1)',
			': nothing outside of A uses its public b',
		],
	])('finds %s where there is %s', (code, user, finding) => {
		expect(audit(code, user)).toEqual([`nodes/shared/a.ts${finding}`]);
	});
});
