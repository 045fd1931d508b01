import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../host/ports';

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** A server of one test run, on loopback, with its data in a folder of the system's temporary one. */
export interface Service {
	port: number;
	stop(): Promise<void>;
}

interface Account {
	uid: number;
	gid: number;
}

/** Starts a Redis that keeps nothing. */
export async function startRedis(): Promise<Service> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-redis-'));
	const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
	const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
	return await service('redis-server', args, folder, port, isReachable);
}

/** Starts a PostgreSQL with an empty database `n8n` of the user `n8n`, without a password. */
export async function startPostgres(): Promise<Service> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-postgres-'));
	const account = postgresAccount();
	if (account) chownSync(folder, account.uid, account.gid);
	const data = join(folder, 'data');
	const options = { cwd: folder, ...account };
	execFileSync(
		postgresProgram('initdb'),
		['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
		{ ...options, stdio: 'pipe' },
	);
	const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
	return await service(
		postgresProgram('postgres'),
		args,
		folder,
		port,
		async () => await hasDatabase(port, options),
		account,
	);
}

/** PostgreSQL refuses to run as root, and brings an account of its own. */
function postgresAccount(): Account | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const entry = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'))
		.find(([name]) => name === 'postgres');
	if (!entry) throw new Error('PostgreSQL does not run as root, and there is no user "postgres".');
	return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** Debian keeps the programs of its PostgreSQL out of PATH. */
function postgresProgram(name: string): string {
	const versions = ['17', '16', '15', '14', '13'];
	const found = versions
		.map((version) => `/usr/lib/postgresql/${version}/bin/${name}`)
		.find((file) => existsSync(file));
	return found ?? name;
}

async function hasDatabase(port: number, options: object): Promise<boolean> {
	if (!(await isReachable(port))) return false;
	try {
		execFileSync('createdb', ['-h', '127.0.0.1', '-p', String(port), '-U', 'n8n', 'n8n'], {
			...options,
			stdio: 'pipe',
		});
		return true;
	} catch (error) {
		const said = String((error as { stderr?: Buffer }).stderr);
		if (said.includes('starting up')) return false;
		throw new Error(`The database could not be made: ${said}`);
	}
}

async function isReachable(port: number): Promise<boolean> {
	const socket = connect({ host: '127.0.0.1', port });
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

async function service(
	program: string,
	args: string[],
	folder: string,
	port: number,
	isReady: (port: number) => Promise<boolean>,
	account: Account | undefined = undefined,
): Promise<Service> {
	const child = spawn(program, args, {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
		...account,
	});
	let output = '';
	child.stdout.on('data', (chunk) => (output += String(chunk)));
	child.stderr.on('data', (chunk) => (output += String(chunk)));
	let ended = false;
	const end = new Promise<void>((resolve) => {
		child.once('error', (error) => {
			output += error.message;
			ended = true;
			resolve();
		});
		child.once('exit', () => {
			ended = true;
			resolve();
		});
	});
	// A test run that breaks off must leave nothing behind.
	const kill = () => killed(child);
	process.once('exit', kill);
	const stop = async () => {
		// PostgreSQL takes SIGINT for: end now, and end everybody's connection.
		if (!ended) child.kill('SIGINT');
		await end;
		process.off('exit', kill);
		rmSync(folder, { recursive: true, force: true });
	};
	const deadline = Date.now() + READY_WITHIN_MS;
	while (!ended && Date.now() < deadline) {
		if (await isReady(port)) return { port, stop };
		await delay(POLL_MS);
	}
	await stop();
	throw new Error(`${program} did not start. It wrote:\n${output.slice(-2_000)}`);
}

function killed(child: ChildProcess) {
	child.kill('SIGKILL');
}
