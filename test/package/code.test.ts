import { ROOT, build, buildOnce, filesBelow } from '../support/buildOnce';
import { contentHash } from '../steps.cjs';
import { auditCode } from './codeAudit';
import { removeSamples, sample } from './sample';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

afterAll(removeSamples);

describe('the compiled code', () => {
	beforeAll(async () => void (await buildOnce()), 120_000);

	it('loads nothing but its own files, n8n-workflow and crypto, and uses no forbidden global', () => {
		expect(auditCode(ROOT)).toEqual([]);
	});

	it('has a source for every file', () => {
		const dist = filesBelow(join(ROOT, 'dist'));
		const sources = ['nodes', 'credentials'].flatMap((top) =>
			filesBelow(join(ROOT, top)).map((file) => join(top, file).replace(/\.ts$/, '.js')),
		);
		expect(dist.length).toBeGreaterThan(0);
		expect(dist.filter((file) => !sources.includes(file))).toEqual([]);
	});

	it('is the same, byte for byte, when it is built again somewhere else', () => {
		const copy = sample({});
		for (const path of ['nodes', 'credentials', 'tsconfig.json', 'gulpfile.js', 'package.json'])
			cpSync(join(ROOT, path), join(copy, path), { recursive: true });
		symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
		build(copy);
		expect(contentHash(copy, ['dist'])).toBe(contentHash(ROOT, ['dist']));
	}, 120_000);
});

describe('auditCode', () => {
	const audit = (code: string) =>
		auditCode(sample({ 'dist/a.js': code, 'dist/b.js': '', 'outside.js': '' }));

	it.each([
		'const w = require("n8n-workflow"); const c = require("node:crypto"); require("./b");',
		'exports.process = 1; const o = { eval: 2, fetch() {} }; o.setTimeout(); o.process;',
		'// process.exit()\nconst text = "eval(require(x))";',
		'if (error.constructor.name === "Error") throw error;',
		'const socket = new WebSocket("ws://127.0.0.1"); new AbortController();',
		'module.exports = {};',
	])('accepts %s', (code) => {
		expect(audit(code)).toEqual([]);
	});

	it.each([
		['require("axios")', 'a.js loads "axios"'],
		['require("fs")', 'a.js loads "fs"'],
		['require("node:child_process")', 'a.js loads "node:child_process"'],
		['import x from "lodash";', 'a.js loads "lodash"'],
		['export * from "luxon";', 'a.js loads "luxon"'],
		['import("ws")', 'a.js loads "ws"'],
		['require("./missing")', 'a.js loads "./missing", which is not in dist'],
		['require("../outside")', 'a.js loads "../outside", which is not in dist'],
		['require("n8n-" + "core")', 'a.js loads a module that is only known at run time'],
		['import(name)', 'a.js loads a module that is only known at run time'],
		['const r = require; r("fs")', 'a.js passes "require" on'],
		['module.require("fs")', 'a.js uses "module"'],
		['process.env.HOME', 'a.js uses "process"'],
		['const { env } = process', 'a.js uses "process"'],
		['const o = { process }', 'a.js uses "process"'],
		['globalThis["pro" + "cess"]', 'a.js uses "globalThis"'],
		['eval("1")', 'a.js uses "eval"'],
		['new Function("return 1")', 'a.js uses "Function"'],
		['(() => {}).constructor("return 1")', 'a.js calls a constructor by way of an object'],
		['setTimeout(() => {}, 1)', 'a.js uses "setTimeout"'],
		['fetch("http://127.0.0.1")', 'a.js uses "fetch"'],
	])('finds %s', (code, finding) => {
		expect(audit(code)).toEqual([finding]);
	});
});
