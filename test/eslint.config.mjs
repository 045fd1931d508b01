import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The rules for tests, simulators and tools: they may use timers, files and sockets. */
export default tseslint.config(
	{ ignores: ['host/node_modules/**', '**/.host/**'] },
	js.configs.recommended,
	tseslint.configs.recommended,
	{
		languageOptions: {
			globals: {
				process: 'readonly',
				console: 'readonly',
				module: 'writable',
				require: 'readonly',
				exports: 'writable',
				__dirname: 'readonly',
				Buffer: 'readonly',
				URL: 'readonly',
				setTimeout: 'readonly',
				clearTimeout: 'readonly',
				setInterval: 'readonly',
				clearInterval: 'readonly',
			},
		},
		rules: {
			'@typescript-eslint/no-require-imports': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'no-console': 'off',
		},
	},
	{
		// The control page runs in a browser, as it is.
		files: ['**/simulators/page/*.js'],
		languageOptions: {
			globals: {
				document: 'readonly',
				navigator: 'readonly',
				location: 'readonly',
				history: 'readonly',
				fetch: 'readonly',
				EventSource: 'readonly',
				URLSearchParams: 'readonly',
				btoa: 'readonly',
			},
		},
	},
);
