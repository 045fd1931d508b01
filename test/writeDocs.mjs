import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureProject, projectRoot } from './bootstrap.mjs';

/*
 * `npm run docs`: writes the tables of the documents that come from the code. The tests that
 * compare them write them as well, when they are asked to; one after the other, since two of them
 * write into the same guides.
 */
await ensureProject();
const { status } = spawnSync(
	process.execPath,
	[
		join('node_modules', 'jest', 'bin', 'jest.js'),
		...['--selectProjects', 'unit', '--runInBand'],
		...['--testPathPatterns', 'package/docs', 'package/requests', 'Voxfree/requests'],
	],
	{ cwd: projectRoot, stdio: 'inherit', env: { ...process.env, UPDATE_DOCS: '1' } },
);
process.exitCode = status ?? 1;
