import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../steps.cjs';
import { waitFor } from '../support/waitFor';
import { freePort } from './ports';

const guard = join(__dirname, 'guard.cjs');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'guard-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function runGuarded(script: string) {
	const log = join(folder, 'refused.log');
	const { stdout } = spawnSync(process.execPath, ['--require', guard, '-e', script], {
		encoding: 'utf8',
		env: { ...process.env, LOOPBACK_ONLY_LOG: log },
		timeout: 20_000,
	});
	return { stdout, refused: () => readFileSync(log, 'utf8') };
}

test('a guarded process cannot reach another machine, by name or by address, and it is noted', () => {
	const { stdout, refused } = runGuarded(`
		require('node:https').get('https://provider.example.test/').on('error', (e) => console.log(e.code));
		require('node:net').connect(80, '192.0.2.1').on('error', (e) => console.log(e.code));
		fetch('http://198.51.100.7:8080/').catch((e) => console.log(e.cause.code));
	`);
	expect(stdout.trim().split('\n')).toEqual(Array(3).fill('ECONNREFUSED'));
	expect(refused().trim().split('\n').sort()).toEqual([
		'192.0.2.1:80',
		'198.51.100.7:8080',
		'provider.example.test:443',
	]);
});

test('a guarded process reaches servers on this machine', async () => {
	const { stdout } = runGuarded(`
		const server = require('node:http').createServer((_, response) => response.end('hello'));
		server.listen(0, '127.0.0.1', async () => {
			const { port } = server.address();
			console.log(await (await fetch('http://127.0.0.1:' + port)).text());
			console.log(await (await fetch('http://localhost:' + port)).text());
			process.exit();
		});
	`);
	expect(stdout.trim().split('\n')).toEqual(['hello', 'hello']);
});

test('with local hosts only, a request for any other name gets nothing', () => {
	const { stdout } = spawnSync(
		process.execPath,
		[
			'--require',
			guard,
			'-e',
			`
			const { createServer, get } = require('node:http');
			const server = createServer((_, response) => response.end('hello'));
			server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n'));
			const ask = (host, headers = {}) => new Promise((resolve) => {
				const { port } = server.address();
				get({ host: '127.0.0.1', port, headers: { host, ...headers } }, (response) => {
					response.resume().on('end', () => resolve(response.statusCode));
				}).on('upgrade', () => resolve('upgraded')).on('error', () => resolve('nothing'));
			});
			server.listen(0, '127.0.0.1', async () => {
				const { port } = server.address();
				const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
				for (const host of ['127.0.0.1:' + port, 'localhost:' + port, '[::1]:' + port])
					console.log(await ask(host));
				for (const host of ['evil.example.test', 'evil.example.test:' + port, '127.0.0.1.evil.example.test', 'localhost.evil.example.test'])
					console.log(await ask(host), await ask(host, upgrade));
				process.exit();
			});
			`,
		],
		{ encoding: 'utf8', env: { ...process.env, LOCAL_HOSTS_ONLY: '1' }, timeout: 20_000 },
	);
	expect(stdout.trim().split('\n')).toEqual([
		...Array<string>(3).fill('200'),
		...Array<string>(4).fill('nothing nothing'),
	]);
});

test('a guarded process ends with the one that started it, also when that one is killed', async () => {
	const starter = `
		const { spawn } = require('node:child_process');
		const child = spawn(process.execPath, ['--require', ${JSON.stringify(guard)}, '-e', 'setInterval(() => {}, 1000)'],
			{ detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
		console.log(child.pid);
	`;
	const parent = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'ignore'] });
	const text = await new Promise<string>((resolve) =>
		parent.stdout.setEncoding('utf8').once('data', resolve),
	);
	const pid = Number(text);
	expect(isAlive(pid)).toBe(true);
	parent.kill('SIGKILL');
	await waitFor('the guarded process to end', () => !isAlive(pid), 15_000);
});

test('a taken port gets the next free one', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as AddressInfo;
	expect(await freePort(port)).toBeGreaterThan(port);
	await new Promise((resolve) => server.close(resolve));
	expect(await freePort(port)).toBe(port);
});
