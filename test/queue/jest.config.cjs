const { projects } = require('../../jest.config.js');

const { roots, transform, testEnvironment, cacheDirectory, modulePathIgnorePatterns } =
	projects.find(({ displayName }) => displayName === 'e2e');

/** Apart from the other projects: these tests need PostgreSQL and Redis on the machine. */
module.exports = {
	displayName: 'queue',
	rootDir: '../..',
	testMatch: ['<rootDir>/test/queue/**/*.test.ts'],
	roots,
	transform,
	testEnvironment,
	cacheDirectory,
	modulePathIgnorePatterns,
	setupFilesAfterEnv: ['<rootDir>/test/e2e/setup.ts'],
	// Each file starts an n8n of several processes.
	maxWorkers: 1,
};
