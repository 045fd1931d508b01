const { existsSync } = require('node:fs');
const { rm } = require('node:fs/promises');
const { src, dest } = require('gulp');

/**
 * Copies what tsc leaves behind into `dist/`: codex files, icons and output schemas.
 * One stream, returned, so that gulp waits for it; `encoding: false` keeps pictures byte for byte.
 */
function build() {
	const assets = [
		'nodes/**/*.node.json',
		'nodes/**/*.{svg,png}',
		'nodes/**/__schema__/**/*.json',
		'credentials/**/*.{svg,png}',
	];
	if (!existsSync('dist')) throw new Error('Run tsc first: there is no dist folder.');
	return src(assets, { base: '.', encoding: false }).pipe(dest('dist'));
}

/** Empties `dist/`, so that a file that was renamed is not packed under its old name as well. */
async function clean() {
	await rm('dist', { recursive: true, force: true });
}

exports.build = build;
exports.clean = clean;
