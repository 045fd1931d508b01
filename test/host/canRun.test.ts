import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNot } from '../canRun.cjs';
import { projectRoot } from './install';

const machine = {
	platform: 'linux',
	nodeVersion: '20.0.0',
	folder: '/home/demo/clone/.host',
	freeBytes: 4e9,
};

describe('A machine on which the project runs', () => {
	test.each([
		['Linux', {}],
		['macOS', { platform: 'darwin' }],
		['a newer Node', { nodeVersion: '24.1.0' }],
		['n8n already there', { freeBytes: Infinity }],
	])('has nothing against it: %s', (_name, change) => {
		expect(whyNot({ ...machine, ...change })).toBeUndefined();
	});
});

describe('A machine on which it cannot run says so in one sentence', () => {
	test.each([
		['Windows', { platform: 'win32' }, /^This runs on Linux and macOS only: .*WSL/],
		['Node 19', { nodeVersion: '19.9.0' }, /^Node 20 or newer is needed; this is Node 19\.9\.0\.$/],
		['Node 8', { nodeVersion: '8.17.0' }, /^Node 20 or newer is needed; this is Node 8\.17\.0\.$/],
		[
			'a disk that is nearly full',
			{ freeBytes: 2.44e9 },
			/^n8n takes 3 GB and \/home\/demo\/clone\/\.host has 2\.4 GB left: make room/,
		],
	])('%s', (_name, change, sentence) => {
		expect(whyNot({ ...machine, ...change })).toMatch(sentence);
	});
});

describe('The commands', () => {
	const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
		scripts: Record<string, string>;
	};
	let folder: string;
	beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'can-run-'))));
	afterEach(() => rmSync(folder, { recursive: true }));

	/** Runs what npm runs before a command, on a machine that is pretended by `code`. */
	const before = (command: string, code: string) => {
		const [node, script = ''] = (scripts[`pre${command}`] ?? '').split(' ');
		expect(node).toBe('node');
		const pretence = join(folder, 'machine.cjs');
		writeFileSync(pretence, code);
		return spawnSync(process.execPath, ['--require', pretence, script], {
			cwd: projectRoot,
			encoding: 'utf8',
			env: { ...process.env, N8N_HOST_DIR: join(folder, 'not', 'there', 'yet') },
		});
	};
	const platform = (name: string) =>
		`Object.defineProperty(process, 'platform', { value: '${name}' });`;
	const free = (bytes: number) =>
		`require('fs').statfsSync = () => ({ bavail: ${bytes / 4096}, bsize: 4096 });`;

	test.each(['start', 'test'])(
		'npm %s ends where it cannot run, before anything else',
		(command) => {
			for (const code of [platform('win32'), platform('linux') + free(1e9)]) {
				const { status, stdout, stderr } = before(command, code);
				expect([status, stdout]).toEqual([1, '']);
				expect(stderr.trim().split('\n')).toHaveLength(1);
			}
			const fine = before(command, platform('linux') + free(4e9));
			expect([fine.status, fine.stdout, fine.stderr]).toEqual([0, '', '']);
		},
	);

	test('need no room for an n8n that is there', () => {
		mkdirSync(join(folder, 'not', 'there', 'yet'), { recursive: true });
		writeFileSync(join(folder, 'not', 'there', 'yet', 'installed.json'), '{}');
		expect(before('test', platform('linux') + free(0)).status).toBe(0);
	});
});
