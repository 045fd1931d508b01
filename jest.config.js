const transform = {
	'\\.ts$': [
		'@swc/jest',
		{
			jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
			module: { type: 'commonjs' },
		},
	],
};
const base = {
	roots: ['<rootDir>/test'],
	transform,
	testEnvironment: 'node',
	cacheDirectory: '<rootDir>/.test-output/jest-cache',
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.host', '<rootDir>/packages'],
};

/**
 * Two projects: `unit` (nodes in n8n-core, simulators, packaging; no n8n process) and `e2e`
 * (the packed tarball in a real n8n, started once in the global setup).
 */
module.exports = {
	projects: [
		{
			...base,
			displayName: 'unit',
			testEnvironment: '<rootDir>/test/jest/environment.cjs',
			runtime: '<rootDir>/test/jest/runtime.cjs',
			testMatch: ['<rootDir>/test/**/*.test.ts'],
			testPathIgnorePatterns: [
				'/node_modules/',
				'<rootDir>/test/e2e/',
				'<rootDir>/test/hosts/',
				'<rootDir>/test/queue/',
				'<rootDir>/test/new-provider/template/',
			],
			// For a machine that is busy with something else; no test needs as much by itself.
			testTimeout: 30_000,
		},
		{
			...base,
			displayName: 'e2e',
			testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
			setupFilesAfterEnv: ['<rootDir>/test/e2e/setup.ts'],
			globalSetup: '<rootDir>/test/e2e/globalSetup.ts',
			globalTeardown: '<rootDir>/test/e2e/globalTeardown.ts',
		},
	],
};
