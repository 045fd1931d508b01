import { newProvider } from './newProvider.cjs';
import { ROOT, filesBelow } from '../support/buildOnce';
import { removeSamples, sample } from '../package/sample';
import {
	auditApis,
	auditCircles,
	auditExports,
	auditIsolation,
	auditSizes,
} from '../package/sourceAudit';
import { strictLint } from '../package/strictLint';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

jest.setTimeout(180_000);
afterAll(removeSamples);

/** What a provider is written into, and what its types and tests need. */
const NEEDED = [
	...[
		'package.json',
		'tsconfig.json',
		'jest.config.js',
		'.prettierrc.json',
		'nodes',
		'credentials',
	],
	...[
		'test/jest',
		'test/e2e',
		'test/support',
		'test/simulators',
		'test/steps.cjs',
		'test/steps.d.cts',
	],
	'test/tsconfig.json',
];

/** A copy of the project, with one provider more. */
function projectWith(name: string) {
	const root = sample({});
	for (const path of NEEDED) cpSync(join(ROOT, path), join(root, path), { recursive: true });
	symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
	return { root, files: newProvider(root, name) };
}

/** Runs a tool of the project in `root`; what it said, unless it ended well. */
function complaintsOf(root: string, tool: string, ...args: string[]): string {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(ROOT, 'node_modules', tool), ...args],
		{ cwd: root, encoding: 'utf8', timeout: 150_000 },
	);
	return status === 0 ? '' : stdout + stderr;
}

describe('a new provider', () => {
	const { root, files } = projectWith('NewTalk');
	const read = (path: string) => readFileSync(join(root, path), 'utf8');
	const sources = files.filter((file) => /^(nodes|credentials)\//.test(file));

	it('is named in files and texts as it is called, and as nothing else', () => {
		expect(files).toContain('nodes/NewTalk/NewTalkTrigger.node.ts');
		expect(files).toContain('test/simulators/newtalk/NewTalkSimulator.ts');
		for (const file of files) {
			expect(existsSync(join(root, file))).toBe(true);
			expect(file + read(file)).not.toMatch(/sample-?desk/i);
		}
	});

	it('is registered in package.json and with the control page', () => {
		const { n8n, keywords } = JSON.parse(read('package.json')) as {
			n8n: { nodes: string[]; credentials: string[] };
			keywords: string[];
		};
		expect(n8n.nodes).toContain('dist/nodes/NewTalk/NewTalkTrigger.node.js');
		expect(n8n.credentials).toContain('dist/credentials/NewTalkApi.credentials.js');
		expect(n8n.nodes).toEqual([...n8n.nodes].sort());
		expect(keywords).toContain('newtalk');
		const plugins = read('test/simulators/plugins.ts');
		expect(plugins).toContain(
			"import { simulatorPlugin as newTalk } from './newtalk/controlPanel'",
		);
		expect(plugins).toMatch(/, newTalk \};\n$/);
	});

	it('passes the strict lint', () => {
		const shared = filesBelow(join(root, 'nodes/shared')).map((file) => `nodes/shared/${file}`);
		const code = Object.fromEntries([...sources, ...shared].map((file) => [file, read(file)]));
		expect(strictLint({ ...code, 'package.json': read('package.json') })).toEqual([]);
	});

	it('keeps the rules for sources', () => {
		for (const audit of [auditIsolation, auditApis, auditSizes, auditCircles, auditExports])
			expect(audit(root).filter((finding) => finding.includes('NewTalk'))).toEqual([]);
	});

	it('is formatted', () => {
		const own = files.filter((file) => /\.(ts|js|json)$/.test(file));
		expect(complaintsOf(root, 'prettier/bin/prettier.cjs', '--check', ...own)).toBe('');
	});

	it('has types that fit', () => {
		const own = files.filter((file) => file.endsWith('.ts')).map((file) => `../${file}`);
		writeFileSync(
			join(root, 'test/tsconfig.new.json'),
			JSON.stringify({ extends: './tsconfig.json', include: own }),
		);
		expect(complaintsOf(root, 'typescript/bin/tsc', '-p', 'test/tsconfig.new.json')).toBe('');
	});

	it('passes its own tests as written', () => {
		const only = ['--selectProjects', 'unit', '--testPathPatterns', 'newtalk'];
		const complaints = complaintsOf(root, 'jest/bin/jest.js', ...only, '--maxWorkers=1');
		expect(complaints).toBe('');
	});
});

it.each([
	['Omnize', 'There is a provider "Omnize" already'],
	['omnize', '"omnize" cannot be the name of classes'],
	['../Omnize', '"../Omnize" cannot be the name of classes'],
	['', '"" cannot be the name of classes'],
])('a provider cannot be called %j', (name, message) => {
	expect(() => newProvider(ROOT, name)).toThrow(message);
});
