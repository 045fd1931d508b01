import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import steps from './steps.cjs';

const { runStep, withLock, matchesLockfile } = steps;

/** The project's top folder. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs the project's development packages when they are missing or are not those of
 * package-lock.json. Needs Node and npm only, so it works on a fresh clone.
 */
export async function ensureProject({ log = console.log } = {}) {
	const [major] = process.versions.node.split('.').map(Number);
	if (major < 20)
		throw new Error(`Node 20 or newer is needed; this is Node ${process.versions.node}.`);
	const lockFile = join(projectRoot, 'package-lock.json');
	const isReady = () => matchesLockfile(projectRoot, lockFile);
	if (isReady()) return;
	await withLock(
		join(projectRoot, '.test-output', 'install.lock'),
		async () => {
			if (isReady()) return;
			if (existsSync(join(projectRoot, 'node_modules')))
				log('node_modules is not what package-lock.json says.');
			await runStep("Installing the project's packages", 'npm', ['ci'], {
				cwd: projectRoot,
				log,
				hint: 'Check that the npm registry can be reached, then run the command again.',
			});
		},
		log,
	);
}
