'use strict';

const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** What belongs to the process, and what Jest itself changes and changes back. */
const KEPT = new Set(['process']);

/**
 * Runs every test file in the worker's own global object instead of one of its own, so that the
 * packages that `runtime.cjs` loads once per worker share their classes with the code under test:
 * an error of Node is an `Error` there, as it is inside n8n. A file's changes to the global object
 * end with the file.
 */
module.exports = class SharedRealmEnvironment {
	constructor({ projectConfig }) {
		this.global = globalThis;
		this.descriptors = Object.getOwnPropertyDescriptors(globalThis);
		this.exit = process.exit;
		this.moduleMocker = new ModuleMocker(globalThis);
		this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
		// Jest asks for the timers of its former kind as well; nothing here uses them.
		this.fakeTimers = this.fakeTimersModern;
		globalThis.global = globalThis;
	}

	async setup() {}

	async teardown() {
		this.fakeTimersModern.dispose();
		process.exit = this.exit;
		for (const key of Reflect.ownKeys(globalThis)) {
			if (KEPT.has(key)) continue;
			const before = this.descriptors[key];
			if (!before) Reflect.deleteProperty(globalThis, key);
			else if (before.configurable || before.writable)
				Object.defineProperty(globalThis, key, before);
		}
	}

	exportConditions() {
		return ['node', 'node-addons'];
	}

	/** There is none; `runtime.cjs` compiles without it. */
	getVmContext() {
		return null;
	}
};
