import { createRequire } from 'node:module';
import { ensureProject } from '../bootstrap.mjs';

/*
 * `npm start`. Plain Node, so that it runs on a fresh clone; what it installs first lets the rest
 * be TypeScript. All in one process: Ctrl-C reaches it directly.
 */

try {
	await ensureProject();
	// tsx would leave its cache in the system's temporary folder.
	process.env.TSX_DISABLE_CACHE = '1';
	const { register } = await import('tsx/cjs/api');
	register();
	const { startDemo } = createRequire(import.meta.url)('./start.ts');
	await startDemo();
} catch (error) {
	console.error(`\n${error.message}`);
	process.exit(1);
}
