'use strict';

/*
 * `npm run new:provider <Name>`: writes the skeleton of a provider and registers it. The template
 * beside this file is a whole small provider, called SampleDesk, which is type-checked and linted
 * like everything else; here it only gets another name.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const TEMPLATE = path.join(__dirname, 'template');

/** The three spellings of a provider's name: in classes, in n8n, and in files. */
const spellings = (name) => [name, name[0].toLowerCase() + name.slice(1), name.toLowerCase()];

/**
 * Writes a provider into the checkout in `root`: node, trigger, credential, simulator, tests, guide.
 * Registers it in package.json, and its simulator with the control page.
 *
 * @param {string} root
 * @param {string} name such as "SampleDesk"
 * @returns {string[]} the new files and the changed ones, relative to root
 * @throws {Error} for a name that cannot be one, and for a provider that is there already
 */
function newProvider(root, name) {
	if (!/^[A-Z][A-Za-z0-9]+$/.test(name))
		throw new Error(`"${name}" cannot be the name of classes: it must look like "SampleDesk"`);
	if (fs.existsSync(path.join(root, 'nodes', name)))
		throw new Error(`There is a provider "${name}" already: nodes/${name}`);
	const from = spellings('SampleDesk');
	const to = spellings(name);
	const renamed = (text) =>
		from.reduce((all, word, index) => all.replaceAll(word, to[index]), text);
	const files = fs
		.readdirSync(TEMPLATE, { recursive: true })
		.filter((file) => fs.statSync(path.join(TEMPLATE, file)).isFile())
		.sort();
	for (const file of files) {
		const target = path.join(root, renamed(file));
		fs.mkdirSync(path.dirname(target), { recursive: true });
		fs.writeFileSync(target, renamed(fs.readFileSync(path.join(TEMPLATE, file), 'utf8')));
	}
	const written = [
		...files.map(renamed),
		registerPackage(root, name),
		registerSimulator(root, name),
	];
	// Where lines break depends on how long the name is.
	run(root, 'node_modules/prettier/bin/prettier.cjs', '--write', '--ignore-unknown', ...written);
	return written;
}

function run(root, script, ...args) {
	const { status, stderr } = spawnSync(process.execPath, [path.join(root, script), ...args], {
		cwd: root,
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(`${script} failed:\n${stderr}`);
}

/** Names node, trigger and credential in package.json, in the order of the alphabet. */
function registerPackage(root, name) {
	const file = path.join(root, 'package.json');
	const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
	const { nodes, credentials } = manifest.n8n;
	nodes.push(`dist/nodes/${name}/${name}.node.js`, `dist/nodes/${name}/${name}Trigger.node.js`);
	credentials.push(`dist/credentials/${name}Api.credentials.js`);
	nodes.sort();
	credentials.sort();
	manifest.keywords.push(name.toLowerCase());
	fs.writeFileSync(file, `${JSON.stringify(manifest, undefined, '\t')}\n`);
	return 'package.json';
}

/** Gives the simulator a tab on the control page, the last one. */
function registerSimulator(root, name) {
	const file = path.join('test', 'simulators', 'plugins.ts');
	const [, camel, lower] = spellings(name);
	const list = fs.readFileSync(path.join(root, file), 'utf8');
	const registered = list
		.replace(/\n\n/, `\nimport { simulatorPlugin as ${camel} } from './${lower}/controlPanel';\n\n`)
		.replace(/ \};\n$/, `, ${camel} };\n`);
	fs.writeFileSync(path.join(root, file), registered);
	return file;
}

module.exports = { newProvider };

async function main(root, name) {
	const { ensureProject } = await import('../bootstrap.mjs');
	await ensureProject();
	for (const file of newProvider(root, name)) console.log(file);
	// The tables of README and guide.
	run(root, 'test/writeDocs.mjs');
	console.log(`
Its tests: npx jest --selectProjects unit --testPathPatterns ${name}
What to do with it: CONTRIBUTING.md, "Add a provider"`);
}

if (require.main === module)
	main(path.join(__dirname, '../..'), process.argv[2] ?? '').catch((error) => {
		console.error(`${error.message}\n\nnpm run new:provider <Name>`);
		process.exitCode = 1;
	});
