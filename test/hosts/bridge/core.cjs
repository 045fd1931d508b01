'use strict';

const { join } = require('node:path');
const { folder, requireOwn } = require('./folder.cjs');

require('reflect-metadata');
const core = requireOwn('n8n-core');
const { TriggersAndPollers } = require(
	join(folder, 'node_modules/n8n-core/dist/execution-engine/triggers-and-pollers.js'),
);

// n8n 2.15 and older have other names.
const { prototype } = TriggersAndPollers;
prototype.runTriggerFunction ??= prototype.runTrigger;
prototype.runPollFunction ??= function (workflow, node, functions) {
	return this.runPoll(workflow, node, functions);
};

const { prototype: binaryData } = core.BinaryDataService;
const { init, store } = binaryData;
// n8n 1.88 hands its settings over.
if (init.length > 0)
	binaryData.init = function () {
		const localStoragePath = join(process.env.N8N_USER_FOLDER, 'binary');
		return init.call(this, { mode: 'default', availableModes: ['filesystem'], localStoragePath });
	};
// n8n 1.100 and older take the place of a file in two arguments.
if (store.length > 3)
	binaryData.store = function ({ workflowId, executionId }, content, data) {
		return store.call(this, workflowId, executionId, content, data);
	};

/** n8n 1.88 gives secrets of other stores to executions under another name. */
class NoSecrets {}
requireOwn('@n8n/di').Service()(NoSecrets);

/** What the harness takes from n8n-core and an old one lacks. */
module.exports = {
	ExternalSecretsProxy: NoSecrets,
	TriggersAndPollers,
	...core,
};
