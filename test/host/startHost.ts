import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../steps.cjs';
import { ensureHost, projectRoot, type HostInstallation } from './install';
import { freePort } from './ports';

const POLL_MS = 50;
const STOP_GRACE_MS = 15_000;
const TEMPORARY_PREFIX = 'n8n-';

/** How n8n evaluates expressions; `lazy` is the default engine with lazy acquire. */
export type ExpressionEngine = 'default' | 'lazy' | 'legacy';

export interface HostOptions {
	/**
	 * Which of n8n's processes: in queue mode there are a worker and a webhook process beside the
	 * main one, in the same user folder. @default 'start'
	 */
	command?: 'start' | 'worker' | 'webhook';
	/**
	 * The folder with n8n's database, credentials' key and installed packages. Kept after stop()
	 * when it is given; without it a new one is made under `.test-output` and removed.
	 */
	userFolder?: string;
	/** The wanted port; the next free one is taken when somebody has it. Any free one by default. */
	port?: number;
	expressionEngine?: ExpressionEngine;
	/** Where n8n keeps binary data; `filesystem` is n8n's own default. */
	binaryData?: 'filesystem' | 'database';
	/** More environment, over everything that is set here. */
	env?: Record<string, string>;
	/** Connections to other machines are refused and noted; true by default. */
	loopbackOnly?: boolean;
	/** End n8n and this process on SIGINT, SIGTERM and SIGHUP; false: the caller does it. */
	endOnSignal?: boolean;
	/** Time to get ready, in ms. */
	readyTimeout?: number;
	log?: (line: string) => void;
}

/** A running n8n. */
export interface Host {
	/** e.g. `http://127.0.0.1:5678`, without a slash at the end */
	url: string;
	port: number;
	/** The process id of n8n, for measuring. */
	pid: number;
	userFolder: string;
	/** Everything that n8n has written to stdout and stderr in this run. */
	output(): string;
	/** `host:port` of each connection to another machine that was refused. */
	refusedConnections(): string[];
	/** Names the registry that n8n's npm asks from now on; undefined: none. */
	useRegistry(url: string | undefined): void;
	/** Resolves when n8n has ended, whoever ended it. */
	ended: Promise<void>;
	/** Ends n8n and everything it started, waits for it, and removes a temporary user folder. */
	stop(): Promise<void>;
}

const quiet = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,chat-hub',
};

const expressionEngines: Record<ExpressionEngine, Record<string, string>> = {
	default: {},
	lazy: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
	legacy: { N8N_EXPRESSION_ENGINE: 'legacy' },
};

/**
 * Starts the pinned n8n on 127.0.0.1 with a user folder of its own, and waits until it is ready.
 * Nothing of the caller's environment reaches it but PATH, so that results do not depend on it.
 */
export async function startHost(options: HostOptions = {}): Promise<Host> {
	const installation = await ensureHost({ log: options.log });
	const folder = openUserFolder(options.userFolder);
	const port = await freePort(options.port);
	const url = `http://127.0.0.1:${port}`;
	const command = options.command ?? 'start';
	// There may be several workers and webhook processes in one folder.
	const logName = command === 'start' ? 'n8n' : `${command}-${port}`;
	const files = {
		output: join(folder.path, `${logName}.log`),
		refused: join(folder.path, 'refused-connections.log'),
		registry: join(folder.path, 'registry-url'),
	};
	for (const file of [files.refused, files.registry]) rmSync(file, { force: true });
	const n8n = startProcess(installation, [command], files.output, {
		...isolatedEnvironment(installation, folder.path, files.registry),
		...quiet,
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		// A worker has no other door.
		...(command === 'worker'
			? { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) }
			: {}),
		N8N_WEBHOOK_URL: `${url}/`,
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_USER_FOLDER: folder.path,
		N8N_ENCRYPTION_KEY: folder.encryptionKey,
		LOCAL_HOSTS_ONLY: '1',
		GENERIC_TIMEZONE: 'UTC',
		...expressionEngines[options.expressionEngine ?? 'default'],
		...(options.binaryData ? { N8N_DEFAULT_BINARY_DATA_MODE: options.binaryData } : {}),
		...(options.loopbackOnly === false ? {} : { LOOPBACK_ONLY_LOG: files.refused }),
		...options.env,
	});
	const unregister = endWithParent(() => {
		n8n.kill();
		folder.release();
	}, options.endOnSignal ?? true);
	const host: Host = {
		url,
		port,
		pid: n8n.pid,
		userFolder: folder.path,
		output: n8n.output,
		ended: n8n.ended,
		refusedConnections: () => readText(files.refused).split('\n').filter(Boolean),
		useRegistry: (registry) =>
			registry ? writeFileSync(files.registry, registry) : rmSync(files.registry, { force: true }),
		stop: async () => {
			await n8n.stop();
			folder.release();
			unregister();
		},
	};
	try {
		await untilReady(host, n8n, options.readyTimeout ?? 180_000);
		return host;
	} catch (error) {
		await host.stop();
		throw error;
	}
}

/** Waits until n8n says that it is ready; `/healthz` alone answers before it is. */
async function untilReady(host: Host, n8n: HostProcess, timeout: number) {
	const deadline = Date.now() + timeout;
	while (Date.now() < deadline) {
		if (n8n.hasEnded())
			throw new Error(`n8n ended while it was starting. It wrote:\n${lastLines(host.output())}`);
		try {
			const answer = await fetch(`${host.url}/healthz/readiness`, {
				signal: AbortSignal.timeout(2_000),
			});
			if (answer.ok) return;
		} catch {
			// It does not listen yet.
		}
		await delay(POLL_MS);
	}
	throw new Error(
		`n8n was not ready within ${timeout / 1000} s. It wrote:\n${lastLines(host.output())}`,
	);
}

interface HostProcess {
	pid: number;
	output(): string;
	ended: Promise<void>;
	hasEnded(): boolean;
	/** Asks the process and its children to end, waits for it, ends them by force after a while. */
	stop(): Promise<void>;
	/** Ends them at once, without waiting. */
	kill(): void;
}

/**
 * One n8n process (`start`, `worker` or `webhook`) as leader of a process group of
 * its own, so that the task runner and npm, which it starts, end with it.
 */
function startProcess(
	installation: HostInstallation,
	args: string[],
	outputFile: string,
	env: Record<string, string>,
): HostProcess {
	const output = openSync(outputFile, 'w');
	const child = spawn(
		installation.node,
		['--require', join(__dirname, 'guard.cjs'), installation.n8n, ...args],
		{
			cwd: dirname(outputFile),
			env,
			detached: true,
			// The channel carries nothing: its end tells guard.cjs that this process is gone.
			stdio: ['ignore', output, output, 'ipc'],
		},
	);
	closeSync(output);
	child.unref();
	child.channel?.unref();
	const ended = new Promise<void>((resolve) => {
		child.once('exit', () => resolve());
		child.once('error', () => resolve());
	});
	let finalOutput: string | undefined;
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null || !child.pid;
	return {
		pid: child.pid ?? 0,
		output: () => finalOutput ?? readText(outputFile),
		ended,
		hasEnded,
		kill: () => signalGroup(child, 'SIGKILL'),
		stop: async () => {
			if (!hasEnded()) {
				child.ref();
				signalGroup(child, 'SIGTERM');
				const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_GRACE_MS);
				await ended;
				clearTimeout(timer);
			}
			// What n8n started may outlive it for a moment.
			signalGroup(child, 'SIGKILL');
			finalOutput ??= readText(outputFile);
		},
	};
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals) {
	try {
		if (child.pid) process.kill(-child.pid, signal);
	} catch {
		// The group is gone.
	}
}

/** The environment of n8n and of the npm that it starts: nothing of the person's own settings. */
function isolatedEnvironment(
	installation: HostInstallation,
	folder: string,
	registryFile: string,
): Record<string, string> {
	const path = process.env.PATH ?? '';
	const temporary = join(folder, 'tmp');
	mkdirSync(temporary, { recursive: true });
	return {
		PATH: [join(__dirname, 'npm-wrapper'), dirname(installation.node), path].join(delimiter),
		REAL_NPM: findOnPath('npm', path),
		LOCAL_REGISTRY_FILE: registryFile,
		// npm's cache and settings, n8n's cache: all of it inside the user folder.
		HOME: folder,
		TMPDIR: temporary,
		npm_config_cache: join(folder, 'npm-cache'),
		npm_config_logs_max: '0',
		npm_config_update_notifier: 'false',
		NO_PROXY: '127.0.0.1,localhost',
		NODE_ENV: 'production',
		LANG: 'C.UTF-8',
		NO_COLOR: '1',
	};
}

function findOnPath(command: string, path: string): string {
	const found = path
		.split(delimiter)
		.map((folder) => join(folder, command))
		.find((file) => existsSync(file));
	if (!found) throw new Error(`The command "${command}" is not on PATH.`);
	return found;
}

interface UserFolder {
	path: string;
	encryptionKey: string;
	/** Removes the folder if it is a temporary one; may be called twice. */
	release(): void;
}

function openUserFolder(wanted: string | undefined): UserFolder {
	const parent = join(projectRoot, '.test-output');
	mkdirSync(wanted ?? parent, { recursive: true });
	if (!wanted) removeLeftovers(parent);
	const path = wanted ?? mkdtempSync(join(parent, TEMPORARY_PREFIX));
	// Database, key and installed code are nobody else's business on a shared machine.
	chmodSync(path, 0o700);
	writeFileSync(join(path, 'owner.pid'), String(process.pid));
	const keyFile = join(path, 'encryption-key');
	if (!existsSync(keyFile))
		writeFileSync(keyFile, randomBytes(24).toString('hex'), { mode: 0o600 });
	chmodSync(keyFile, 0o600);
	return {
		path,
		encryptionKey: readFileSync(keyFile, 'utf8'),
		release: () =>
			rmSync(wanted ? join(path, 'owner.pid') : path, {
				recursive: true,
				force: true,
				maxRetries: 3,
			}),
	};
}

/** Removes temporary user folders whose owner was killed before it could. */
function removeLeftovers(parent: string) {
	for (const name of readdirSync(parent).filter((entry) => entry.startsWith(TEMPORARY_PREFIX))) {
		const owner = Number(readText(join(parent, name, 'owner.pid')));
		if (owner && !isAlive(owner)) rmSync(join(parent, name), { recursive: true, force: true });
	}
}

/** Runs `end` when this process ends without stop(): on exit and, if wanted, on a signal. */
function endWithParent(end: () => void, onSignals: boolean): () => void {
	const signals = onSignals ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : [];
	const onSignal = (_: NodeJS.Signals, number: number) => process.exit(128 + number);
	process.on('exit', end);
	for (const signal of signals) process.on(signal, onSignal);
	return () => {
		process.off('exit', end);
		for (const signal of signals) process.off(signal, onSignal);
	};
}

function readText(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
}

function lastLines(text: string): string {
	return text.trim().split('\n').slice(-20).join('\n');
}
