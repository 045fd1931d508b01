import { createRequire } from 'node:module';
import { ensureProject } from '../bootstrap.mjs';

/* `npm run bench`, or `npm run bench -- signed` for one part. Plain Node, so that it runs on a fresh clone; see test/demo/launch.mjs. */

try {
	await ensureProject();
	process.env.TSX_DISABLE_CACHE = '1';
	const { register } = await import('tsx/cjs/api');
	register();
	const { bench } = createRequire(import.meta.url)('./bench.ts');
	await bench(...process.argv.slice(2));
} catch (error) {
	console.error(`\n${error.message}`);
	process.exit(1);
}
