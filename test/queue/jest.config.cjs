const { projects } = require('../../jest.config.js');

/** Apart from the other projects: these tests need PostgreSQL and Redis on the machine. */
const { displayName, globalSetup, globalTeardown, testMatch, ...e2e } = projects.find(
	(project) => project.displayName === 'e2e',
);

module.exports = {
	...e2e,
	rootDir: '../..',
	displayName: 'queue',
	testMatch: ['<rootDir>/test/queue/**/*.test.ts'],
};
