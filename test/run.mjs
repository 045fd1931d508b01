import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureProject, projectRoot } from './bootstrap.mjs';

/*
 * `npm test`: every check, from a fresh clone on. A failed step does not keep the later ones from
 * running. The last line is the sum: lint, types and build count as one check each, every
 * test of jest as one.
 */

const MINUTE = 60_000;
const output = join(projectRoot, '.test-output');
const results = [];
let current;

/** Runs a command in view of the person; resolves to its exit code, or a word when it has none. */
function run(command, args, limit) {
	return new Promise((resolve) => {
		current = spawn(command, args, {
			cwd: projectRoot,
			// tsx would leave its cache in the system's temporary folder.
			env: { ...process.env, TSX_DISABLE_CACHE: '1' },
			stdio: ['ignore', 'inherit', 'inherit'],
			timeout: limit,
		});
		current.once('error', (error) => resolve(error.message));
		current.once('close', (code, signal) => resolve(code ?? `signal ${signal}`));
	});
}

async function step(name, work) {
	console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
	const started = Date.now();
	const counts = { passed: 0, failed: 0, skipped: 0, ...(await work()) };
	results.push({ name, ...counts, seconds: Math.round((Date.now() - started) / 1000) });
	return counts.failed === 0;
}

const check = (name, command, args, { limit = 10 * MINUTE, counts = true } = {}) =>
	step(name, async () => {
		const code = await run(command, args, limit);
		if (code === 0) return { passed: counts ? 1 : 0 };
		console.log(`${name} failed (${code}).`);
		return { failed: 1 };
	});

const tests = (name, project, limit, options = []) =>
	step(name, async () => {
		const file = join(output, `jest-${project}.json`);
		rmSync(file, { force: true });
		const jest = join('node_modules', 'jest', 'bin', 'jest.js');
		const args = [jest, '--selectProjects', project, '--json', `--outputFile=${file}`, ...options];
		const code = await run(process.execPath, args, limit);
		const summary = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
		if (!summary) {
			console.log(`${name}: jest ended without results (${code}).`);
			return { failed: 1 };
		}
		const passed = summary.numPassedTests;
		const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
		const skipped = summary.numPendingTests + summary.numTodoTests;
		if (code === 0 || failed > 0) return { passed, failed, skipped };
		console.log(`${name}: jest ended with ${code} although no test failed.`);
		return { passed, failed: 1, skipped };
	});

for (const [signal, number] of [
	['SIGINT', 2],
	['SIGTERM', 15],
])
	process.once(signal, () => {
		current?.kill('SIGTERM');
		process.exit(128 + number);
	});

async function main() {
	mkdirSync(output, { recursive: true });
	// Installing is no check of the project: it counts only when it fails.
	const isInstalled = await step('Packages', async () => {
		try {
			await ensureProject();
			return {};
		} catch (error) {
			console.log(error.message);
			return { failed: 1 };
		}
	});
	if (!isInstalled) return;
	await check('Lint', 'npm', ['run', '--silent', 'lint']);
	await check('Types', 'npm', ['run', '--silent', 'typecheck']);
	await check('Build', 'npm', ['run', '--silent', 'build']);
	// Many of these tests wait for answers most of the time: Jest's own choice, a worker fewer than
	// there are cores, is one at a time on two cores. The end-to-end tests share one n8n.
	await tests('Unit and integration tests', 'unit', 20 * MINUTE, ['--maxWorkers=100%']);
	const hasHost = await check(
		'Pinned n8n',
		process.execPath,
		['--import', 'tsx', join('test', 'host', 'install.ts')],
		{ limit: 25 * MINUTE, counts: false },
	);
	if (hasHost) await tests('End-to-end tests on n8n', 'e2e', 20 * MINUTE);
	else console.log('\nThe end-to-end tests cannot run without n8n.');
}

await main();

const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${'─'.repeat(74)}`);
const inWords = ({ passed, failed, skipped }) =>
	`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
for (const { name, seconds, ...counts } of results) {
	const hasCounts = counts.passed + counts.failed + counts.skipped > 0;
	console.log(
		`${counts.failed ? '✗' : '✓'} ${name}${hasCounts ? `: ${inWords(counts)}` : ''} (${seconds} s)`,
	);
}
console.log(inWords({ passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }));
process.exitCode = sum('failed') ? 1 : 0;
