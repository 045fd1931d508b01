import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, matchesLockfile, runStep, withLock } from '../steps.cjs';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'steps-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const silent = () => {};

describe('A long step', () => {
	test('returns what the command printed and reports its beginning and end', async () => {
		const lines: string[] = [];
		const output = await runStep('Counting', process.execPath, ['-p', '1 + 1'], {
			cwd: folder,
			log: (line) => lines.push(line),
		});
		expect(output).toBe('2\n');
		expect(lines).toEqual(['Counting …', expect.stringMatching(/^Counting: done in \d+ s$/)]);
	});

	test('that fails says which command, how it ended, its last lines and what to do', async () => {
		const failing = runStep(
			'Building',
			process.execPath,
			['-e', 'console.error("no compiler"); process.exit(3)'],
			{ cwd: folder, log: silent, hint: 'Install a compiler.' },
		);
		await expect(failing).rejects.toThrow(/ended with 3[^]*Install a compiler\.[^]*no compiler/);
	});

	test('whose command is missing says so in one sentence', async () => {
		await expect(
			runStep('Building', 'no-such-command', [], { cwd: folder, log: silent }),
		).rejects.toThrow('Building failed: the command "no-such-command" is not on this machine.');
	});
});

describe('A lock', () => {
	test('lets one piece of work run after the other', async () => {
		const lock = join(folder, 'lock');
		const order: string[] = [];
		const work = (name: string) => async () => {
			order.push(`${name} begins`);
			await new Promise(setImmediate);
			order.push(`${name} ends`);
		};
		await Promise.all([
			withLock(lock, work('first'), silent),
			withLock(lock, work('second'), silent),
		]);
		expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
		expect(existsSync(lock)).toBe(false);
	});

	test('is released when the work fails', async () => {
		const lock = join(folder, 'lock');
		await expect(withLock(lock, () => Promise.reject(new Error('broken')))).rejects.toThrow();
		expect(existsSync(lock)).toBe(false);
	});

	test('left by a process that has ended is taken over', async () => {
		const lock = join(folder, 'lock');
		const { pid } = spawnSync(process.execPath, ['-e', '']);
		writeFileSync(lock, String(pid));
		const owner = await withLock(lock, () => Promise.resolve(readFileSync(lock, 'utf8')));
		expect(owner).toBe(String(process.pid));
	});
});

describe('The hash of contents', () => {
	test('changes with content and name and with nothing else', () => {
		const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
		write('a', 'one');
		const first = contentHash(folder, ['.', 'missing']);
		write('a', 'one');
		expect(contentHash(folder, ['.', 'missing'])).toBe(first);
		write('a', 'two');
		expect(contentHash(folder, ['.', 'missing'])).not.toBe(first);
	});
});

describe('A folder matches its lockfile', () => {
	const entry = (version: string) => ({ version, integrity: `sha512-${version}` });

	function install(wanted: object, installed?: object) {
		const lockFile = join(folder, 'package-lock.json');
		writeFileSync(lockFile, JSON.stringify({ packages: { '': {}, ...wanted } }));
		mkdirSync(join(folder, 'node_modules'));
		if (installed)
			writeFileSync(
				join(folder, 'node_modules', '.package-lock.json'),
				JSON.stringify({ packages: installed }),
			);
		return matchesLockfile(folder, lockFile);
	}

	test('when every package is there in the wanted version', () => {
		expect(install({ a: entry('1.0.0') }, { a: entry('1.0.0'), b: entry('1.0.0') })).toBe(true);
	});

	test('also without packages that are for other systems', () => {
		expect(
			install(
				{ a: entry('1.0.0'), b: { ...entry('1.0.0'), optional: true } },
				{
					a: entry('1.0.0'),
				},
			),
		).toBe(true);
	});

	test('not when a package is missing', () => {
		expect(install({ a: entry('1.0.0') }, {})).toBe(false);
	});

	test('not when a package has another version', () => {
		expect(install({ a: entry('1.0.1') }, { a: entry('1.0.0') })).toBe(false);
	});

	test('not when npm was interrupted before it wrote its record', () => {
		expect(install({ a: entry('1.0.0') })).toBe(false);
	});
});
