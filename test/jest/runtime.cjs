'use strict';

const { createRequire } = require('node:module');
const { sep } = require('node:path');
const { compileFunction } = require('node:vm');
const { default: JestRuntime } = require('jest-runtime');

const PACKAGES = `${sep}node_modules${sep}`;

/** What needs no translation: Node loads it once per worker, and every test file gets the same. */
const isLoadedByNode = (path) => path.includes(PACKAGES) || path.endsWith('.cjs');

/**
 * Jest's module loader, except that packages are loaded by Node. Jest evaluates all modules anew
 * for each test file; with n8n-core that is a second of work per file, for code that is not under
 * test. Our own modules are still evaluated anew for each file.
 */
module.exports = class Runtime extends JestRuntime {
	constructor(...args) {
		super(...args);
		this.executor.compile = (source, filename) =>
			compileFunction(source, this.executor.injectedModuleParameters, { filename });
	}

	requireModule(from, name, options, isRequireActual) {
		if (name && !options?.isInternalModule && !this._resolution.isCoreModule(name)) {
			const path = this._resolution.resolveCjs(from, name);
			if (isLoadedByNode(path)) return createRequire(from)(path);
		}
		return super.requireModule(from, name, options, isRequireActual);
	}

	// The process is the real one here; Jest's replacement would outlive the test file.
	installGetBuiltinModule() {}
};
