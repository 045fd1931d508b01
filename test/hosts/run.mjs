import { spawn, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureProject, projectRoot } from '../bootstrap.mjs';

/*
 * `npm run test:hosts`: the packed package on the cores of several versions of n8n, from the oldest on.
 * `-- 1.88 2.15` for some of them; `--keep` leaves their packages in `.hosts`.
 */

/** The packages that n8n itself names in its own. The pinned ones stand in the project. */
const HOSTS = [
	{
		n8n: '1.88',
		core: '1.87.0',
		workflow: '1.86.0',
		// Later ones want a newer zod than the one that this n8n-core pins.
		overrides: { 'zod-to-json-schema': '3.24.5' },
	},
	{ n8n: '1.100', core: '1.99.0', workflow: '1.97.0' },
	{ n8n: '1.123', core: '1.122.48', workflow: '1.120.31' },
	{ n8n: '2.8', core: '2.8.1', workflow: '2.8.0' },
	{ n8n: '2.15', core: '2.15.0', workflow: '2.15.0' },
	{ n8n: 'pinned' },
];

const folderOfAll = join(projectRoot, '.hosts');
const output = join(projectRoot, '.test-output');
const words = process.argv.slice(2);
const keeps = words.includes('--keep');
const wanted = words.filter((word) => word !== '--keep');
const unknown = wanted.filter((word) => !HOSTS.some(({ n8n }) => n8n === word));
if (unknown.length > 0) {
	console.error(
		`There is no host "${unknown[0]}". Choose from ${HOSTS.map(({ n8n }) => n8n).join(', ')}.`,
	);
	process.exit(2);
}

/** Runs a command to its end; its output is shown when it fails. */
function run(command, args, cwd, env = {}) {
	const { status, error, stdout, stderr } = spawnSync(command, args, {
		cwd,
		encoding: 'utf8',
		env: { ...process.env, ...env },
		timeout: 10 * 60_000,
	});
	if (status === 0) return stdout;
	throw new Error(`${command} ${args[0]} failed:\n${error?.message ?? `${stdout}\n${stderr}`}`);
}

/** Installs what is missing of a host. Install scripts stay off: nothing of it needs them. */
function install({ core, workflow, overrides = {} }, folder) {
	const modules = join(folder, 'node_modules');
	const isThere = (name, version) => {
		const path = join(modules, name, 'package.json');
		return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).version === version;
	};
	if (isThere('n8n-core', core) && isThere('n8n-workflow', workflow)) return;
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const dependencies = { 'n8n-core': core, 'n8n-workflow': workflow, 'reflect-metadata': '0.2.2' };
	writeFileSync(
		join(folder, 'package.json'),
		JSON.stringify({ private: true, dependencies, overrides }),
	);
	run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}

/** Packs the package as for a release, and unpacks it where n8n would look for it. */
function unpack(folder) {
	const { name, version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
	const modules = join(folder, 'node_modules');
	const target = join(modules, name);
	mkdirSync(modules, { recursive: true });
	rmSync(target, { recursive: true, force: true });
	run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], projectRoot);
	const tarball = join(folder, `${name}-${version}.tgz`);
	run('tar', ['-xzf', tarball, '-C', modules], projectRoot);
	renameSync(join(modules, 'package'), target);
	rmSync(tarball);
	return target;
}

function play(hostFolder, packageFolder, file) {
	const jest = join(projectRoot, 'node_modules/jest/bin/jest.js');
	const config = ['--config', 'test/hosts/jest.config.cjs'];
	// Some of the cores leave a timer behind that keeps the process alive.
	const args = [...config, '--forceExit', '--json', `--outputFile=${file}`];
	return new Promise((resolve) => {
		const child = spawn(process.execPath, [jest, ...args], {
			cwd: projectRoot,
			env: { ...process.env, N8N_HOST_FOLDER: hostFolder, N8N_HOST_PACKAGE: packageFolder },
			stdio: ['ignore', 'ignore', 'inherit'],
			timeout: 5 * 60_000,
		});
		child.once('error', resolve);
		child.once('close', resolve);
	});
}

/** @returns a row of the table */
async function test(host) {
	const started = Date.now();
	const seconds = () => Math.round((Date.now() - started) / 1000);
	const folder = join(folderOfAll, host.n8n);
	const row = { n8n: host.n8n, passed: 0, failed: 0, install: 0, play: 0 };
	try {
		if (host.core) install(host, folder);
		row.install = seconds();
		const file = join(output, `hosts-${host.n8n}.json`);
		rmSync(file, { force: true });
		await play(host.core ? folder : projectRoot, unpack(folder), file);
		if (!existsSync(file)) throw new Error('Jest ended without results.');
		const summary = JSON.parse(readFileSync(file, 'utf8'));
		row.passed = summary.numPassedTests;
		row.failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
	} catch (error) {
		console.error(`n8n ${host.n8n}: ${error.message}`);
		row.failed += 1;
	} finally {
		row.play = seconds() - row.install;
		if (!keeps) rmSync(folder, { recursive: true, force: true });
	}
	return row;
}

await ensureProject();
run('npm', ['run', '--silent', 'build'], projectRoot);
mkdirSync(output, { recursive: true });
const results = [];
for (const host of HOSTS) {
	if (wanted.length > 0 && !wanted.includes(host.n8n)) continue;
	console.log(`\n── n8n ${host.n8n} ${'─'.repeat(60)}`);
	results.push(await test(host));
}
if (!keeps && existsSync(folderOfAll) && readdirSync(folderOfAll).length === 0)
	rmSync(folderOfAll, { recursive: true });

console.log('\n| n8n | passed | failed | install | tests |\n| --- | --- | --- | --- | --- |');
for (const row of results)
	console.log(`| ${row.n8n} | ${row.passed} | ${row.failed} | ${row.install} s | ${row.play} s |`);
const sum = (key) => results.reduce((total, row) => total + row[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') ? 1 : 0;
