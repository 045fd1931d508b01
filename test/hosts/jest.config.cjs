const { join } = require('node:path');
const { projects } = require('../../jest.config.js');

const unit = projects.find(({ displayName }) => displayName === 'unit');
const compiled = process.env.N8N_HOST_PACKAGE ?? '';

/**
 * The harness of the unit tests on another n8n, with the packed package in place of the sources.
 * `npm run test:hosts` sets the environment.
 */
module.exports = {
	...unit,
	displayName: 'hosts',
	rootDir: '../..',
	testMatch: ['<rootDir>/test/hosts/**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/'],
	moduleNameMapper: {
		'^n8n-core$': '<rootDir>/test/hosts/bridge/core.cjs',
		'^n8n-workflow$': '<rootDir>/test/hosts/bridge/workflow.cjs',
		'^\\./n8nEnvironment$': '<rootDir>/test/hosts/bridge/environment.ts',
		// From a folder below `test`, two steps up at least lead to the sources.
		'^(?:\\.\\./){2,}(nodes|credentials)/(.*)$': join(compiled, 'dist/$1/$2.js'),
	},
	maxWorkers: 1,
};
