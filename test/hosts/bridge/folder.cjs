'use strict';

const { readFileSync, realpathSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

/** The folder in whose `node_modules` the n8n under test stands. */
const folder = process.env.N8N_HOST_FOLDER;
if (!folder) throw new Error('Start these tests with `npm run test:hosts`.');

const requireFromHost = createRequire(join(folder, 'package.json'));
const requireFromCore = createRequire(requireFromHost.resolve('n8n-core'));
/** Requires n8n-core or what it brought; never from the pinned n8n, which stands above the folder. */
const requireOwn = (name) => {
	const path = name === 'n8n-core' ? requireFromHost.resolve(name) : requireFromCore.resolve(name);
	if (!path.startsWith(realpathSync(join(folder, 'node_modules'))))
		throw new Error(`${name} is not in ${folder}`);
	return requireFromHost(path);
};
const versionOf = (name) =>
	JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

/** Where the package under test finds a package that it requires; within Jest, one cannot ask this. */
const resolveFrom = (packageFolder, name) =>
	createRequire(join(packageFolder, 'package.json')).resolve(name);

module.exports = { folder, requireOwn, resolveFrom, versionOf };
