'use strict';

/*
 * What runs before anything is installed and is also used afterwards: long steps with progress,
 * locks between processes, and the question whether a folder holds what its lockfile says.
 * Plain CommonJS without dependencies, because bootstrap.mjs needs it on a fresh clone.
 */

const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const HEARTBEAT_MS = 5_000;
const LOCK_POLL_MS = 250;
const EMPTY_LOCK_MS = 10_000;
const ERROR_LINES = 25;

/**
 * Runs a command and reports progress: one line at the start, one every five seconds, one at the
 * end. Output of the command is shown only when it fails.
 *
 * @param {string} label what the person reads, e.g. "Installing n8n 2.41.1"
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, log?: (line: string) => void, hint?: string }} options
 *   `hint` is added to the error: what the person can do about it.
 * @returns {Promise<string>} stdout
 */
async function runStep(label, command, args, options) {
	const log = options.log ?? console.log;
	const started = Date.now();
	const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
	log(`${label} …`);
	const heartbeat = setInterval(() => log(`${label} … ${seconds()}`), HEARTBEAT_MS);
	try {
		const child = spawn(command, args, {
			cwd: options.cwd,
			env: options.env ?? process.env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const endWithUs = () => child.kill();
		process.once('exit', endWithUs);
		child.once('close', () => process.off('exit', endWithUs));
		let stdout = '';
		let tail = [];
		child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
		for (const stream of [child.stdout, child.stderr.setEncoding('utf8')])
			stream.on('data', (text) => (tail = [...tail, ...text.split('\n')].slice(-ERROR_LINES)));
		const code = await new Promise((resolve, reject) => {
			child.once('error', reject);
			child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
		});
		if (code !== 0)
			throw new Error(
				[
					`${label} failed: "${command} ${args.join(' ')}" ended with ${code} after ${seconds()}.`,
					...(options.hint ? [options.hint] : []),
					'Its last lines:',
					...tail.filter((line) => line.trim() !== '').map((line) => `  ${line}`),
				].join('\n'),
			);
		log(`${label}: done in ${seconds()}`);
		return stdout;
	} catch (error) {
		if (error.code === 'ENOENT')
			throw new Error(`${label} failed: the command "${command}" is not on this machine.`);
		throw error;
	} finally {
		clearInterval(heartbeat);
	}
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

/** Whether a lock belongs to nobody any more; one without a process id gets a moment to be written. */
function isAbandoned(lockFile) {
	try {
		const owner = Number(fs.readFileSync(lockFile, 'utf8'));
		if (owner) return !isAlive(owner);
		return Date.now() - fs.statSync(lockFile).mtimeMs > EMPTY_LOCK_MS;
	} catch {
		// It has just been released.
		return false;
	}
}

/**
 * Runs `work` while no other process holds the same lock. A lock left by a process that has ended
 * is taken over, so nothing has to be cleaned by hand after a crash.
 *
 * @template T
 * @param {string} lockFile
 * @param {() => Promise<T>} work
 * @param {(line: string) => void} [log]
 * @returns {Promise<T>}
 */
async function withLock(lockFile, work, log = console.log) {
	fs.mkdirSync(path.dirname(lockFile), { recursive: true });
	for (let told = false; ; ) {
		try {
			fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
			break;
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
		}
		if (isAbandoned(lockFile)) {
			fs.rmSync(lockFile, { force: true });
			continue;
		}
		if (!told) log(`Waiting for another process that is doing the same (${lockFile}) …`);
		told = true;
		await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
	}
	try {
		return await work();
	} finally {
		fs.rmSync(lockFile, { force: true });
	}
}

/**
 * SHA-256 over the contents of files and folders (recursively) and their names; a missing one
 * counts as empty. The same result for the same contents, whatever the file dates are.
 *
 * @param {string} root
 * @param {string[]} entries paths relative to root
 * @returns {string} hex
 */
function contentHash(root, entries) {
	const hash = createHash('sha256');
	const add = (relative) => {
		const absolute = path.join(root, relative);
		const stat = fs.statSync(absolute, { throwIfNoEntry: false });
		if (!stat) return;
		if (stat.isDirectory())
			for (const name of fs.readdirSync(absolute).sort()) add(path.posix.join(relative, name));
		else hash.update(`${relative}\0${stat.size}\0`).update(fs.readFileSync(absolute));
	};
	for (const entry of entries) add(entry);
	return hash.digest('hex');
}

function packagesIn(lockFile) {
	try {
		return JSON.parse(fs.readFileSync(lockFile, 'utf8')).packages ?? {};
	} catch {
		return undefined;
	}
}

/**
 * Whether `<folder>/node_modules` holds exactly what the lockfile says. npm writes its own record
 * at the very end of an install, so an interrupted one is not taken for a finished one.
 *
 * @param {string} folder
 * @param {string} lockFile
 */
function matchesLockfile(folder, lockFile) {
	const wanted = packagesIn(lockFile);
	const installed = packagesIn(path.join(folder, 'node_modules', '.package-lock.json'));
	if (!wanted || !installed) return false;
	for (const [location, entry] of Object.entries(wanted)) {
		if (location === '' || entry.link || entry.extraneous) continue;
		const found = installed[location];
		// Packages for other systems are in the lockfile but are not installed.
		if (!found && (entry.optional || entry.devOptional || entry.peer)) continue;
		if (!found || found.version !== entry.version || found.integrity !== entry.integrity)
			return false;
	}
	return true;
}

module.exports = { runStep, withLock, contentHash, matchesLockfile, isAlive };
