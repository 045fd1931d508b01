const { execFile } = require('node:child_process');
const { existsSync } = require('node:fs');
const { cp, mkdir, readFile, rm, writeFile } = require('node:fs/promises');
const { join, resolve } = require('node:path');
const { Transform } = require('node:stream');
const { promisify } = require('node:util');
const { src, dest } = require('gulp');
const manifest = require('./package.json');

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

/** `dist/nodes/Omnize/…` and `dist/credentials/OmnizeApi.…` → `Omnize` */
const providerOf = (file) => /^dist\/(?:nodes|credentials)\/(\w+?)(?:\/|Api\.)/.exec(file)?.[1];
const providers = [...new Set(manifest.n8n.nodes.map(providerOf))];

/** The package.json of the package that integrates one provider alone. */
function manifestOf(provider) {
	const common = { ...manifest };
	delete common.scripts;
	delete common.devDependencies;
	const isOfProvider = (file) => providerOf(file) === provider;
	const otherNames = providers
		.filter((other) => other !== provider)
		.map((name) => name.toLowerCase());
	return {
		...common,
		name: `n8n-nodes-${provider.toLowerCase()}`,
		description: `n8n nodes for the customer-service provider ${provider}`,
		keywords: manifest.keywords.filter((word) => !otherNames.includes(word)),
		n8n: {
			...manifest.n8n,
			credentials: manifest.n8n.credentials.filter(isOfProvider),
			nodes: manifest.n8n.nodes.filter(isOfProvider),
		},
	};
}

const repository = manifest.repository.url.replace(/^git\+|\.git$/g, '');

/** Lets the links of a text lead to the repository; in there the text stands in `folder`. */
const linkedToRepository = (text, folder) =>
	text.replace(
		/\]\((?!https?:|#)([^)\s]+)\)/g,
		(_link, path) => `](${new URL(path, `${repository}/blob/main/${folder}`).href})`,
	);

/** The README's section on older versions of n8n, without what only concerns other providers. */
async function compatibilityOf(provider) {
	const readme = await readFile('README.md', 'utf8');
	const section = /^## Compatibility\n.*?(?=^## )/ms.exec(readme)[0];
	const others = providers.filter((other) => other !== provider);
	const own = section
		.split('\n')
		.filter((line) => !others.some((other) => line.includes(other)))
		.join('\n')
		.trimEnd();
	const hasRows = !own.endsWith('| --- | --- |');
	const text = hasRows ? own : own.slice(0, own.lastIndexOf('\n\n', own.lastIndexOf('\n\n') - 1));
	return linkedToRepository(text, '');
}

/** The guide of a provider, for readers who have no repository around it. */
async function readmeOf(provider, name) {
	const guide = await readFile(join('docs', `${provider.toLowerCase()}.md`), 'utf8');
	const withPictures = guide.replace(
		/!\[([^\]]*)\]\((?=images\/)/g,
		`![$1](${repository}/raw/main/docs/`,
	);
	return `${linkedToRepository(withPictures, 'docs/').trimEnd()}

## Install

In a self-hosted n8n: **Settings > Community nodes > Install**, and enter \`${name}\`.

The same nodes are in [\`${manifest.name}\`](${repository}), together with those of other
providers. Install one of the two: n8n knows a credential type only once.

${await compatibilityOf(provider)}
`;
}

/** Puts together one provider's package out of \`dist/\`, in a folder of its own. */
async function assemble(provider) {
	const own = manifestOf(provider);
	const folder = join('packages', own.name);
	await mkdir(folder, { recursive: true });
	const rename = new Transform({
		objectMode: true,
		transform(file, _encoding, done) {
			// Codex files name the package that they are in.
			if (file.path.endsWith('.node.json')) {
				const text = file.contents.toString('utf8');
				file.contents = Buffer.from(text.replace(`"${manifest.name}.`, `"${own.name}.`));
			}
			done(null, file);
		},
	});
	const files = [`dist/nodes/{${provider},shared}/**/*`, `dist/credentials/${provider}Api.*`];
	await new Promise((done, reject) => {
		src(files, { base: '.', encoding: false })
			.on('error', reject)
			.pipe(rename)
			.pipe(dest(folder))
			.on('finish', done)
			.on('error', reject);
	});
	await writeFile(join(folder, 'package.json'), `${JSON.stringify(own, undefined, '\t')}\n`);
	await writeFile(join(folder, 'README.md'), await readmeOf(provider, own.name));
	for (const paper of ['index.js', 'LICENSE.md']) await cp(paper, join(folder, paper));
	return folder;
}

/**
 * Packs `dist/` into `packages/`: the package of all providers and one for each, which n8n can
 * verify, since it verifies packages that integrate one service.
 */
async function packages() {
	if (!existsSync('dist')) throw new Error('Run `npm run build` first: there is no dist folder.');
	await rm('packages', { recursive: true, force: true });
	await mkdir('packages');
	const folders = ['.'];
	for (const provider of providers) folders.push(await assemble(provider));
	for (const folder of folders) {
		const { stdout } = await promisify(execFile)(
			'npm',
			['pack', '--ignore-scripts', '--pack-destination', resolve('packages')],
			{ cwd: folder },
		);
		console.log(`packages/${stdout.trim()}`);
	}
}

exports.build = build;
exports.clean = clean;
exports.packages = packages;
