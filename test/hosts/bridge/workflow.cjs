'use strict';

const { requireOwn } = require('./folder.cjs');

const workflow = requireOwn('n8n-workflow');

const createRunExecutionData = ({ executionData = {} } = {}) => ({
	startData: {},
	resultData: { runData: {} },
	executionData: {
		contextData: {},
		nodeExecutionStack: [],
		metadata: {},
		waitingExecution: {},
		waitingExecutionSource: {},
		...executionData,
	},
});

/*
 * What the harness takes from n8n-workflow and an old one lacks. The nodes do not see this: they
 * require the old n8n-workflow itself.
 */
module.exports = {
	isExpression: (value) => typeof value === 'string' && value.startsWith('='),
	createRunExecutionData,
	createEmptyRunExecutionData: () => createRunExecutionData(),
	resolveWebhookDescriptionField: () => ({ resolved: false }),
	sanitizeXmlName: (name) => name,
	...workflow,
};
