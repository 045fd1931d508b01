import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../host/install';

const NAME = 'n8n-nodes-empty-trigger';

/** The type of its node in n8n. */
export const EMPTY_TRIGGER = `${NAME}.emptyTrigger`;

const NODE = `
exports.EmptyTrigger = class EmptyTrigger {
	description = {
		displayName: 'Empty Trigger',
		name: 'emptyTrigger',
		group: ['trigger'],
		version: 2,
		description: 'Starts the workflow with what came',
		defaults: { name: 'Empty Trigger' },
		inputs: [],
		outputs: ['main'],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: 'webhook',
			},
		],
		properties: [],
	};

	async webhook() {
		return { workflowData: [[{ json: this.getBodyData() }]] };
	}
};
`;

/**
 * Packs a community package with a trigger that does nothing but start: what n8n itself takes for a
 * webhook of any community node.
 *
 * @returns the path of the tarball
 */
export function packEmptyTrigger(): string {
	const folder = join(projectRoot, '.test-output', 'empty-trigger');
	mkdirSync(folder, { recursive: true });
	const file = 'EmptyTrigger.node.js';
	writeFileSync(join(folder, file), NODE);
	const manifest = {
		name: NAME,
		version: '1.0.0',
		description: 'A trigger to compare with',
		license: 'MIT',
		keywords: ['n8n-community-node-package'],
		files: [file],
		n8n: { n8nNodesApiVersion: 1, nodes: [file] },
	};
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: folder });
	return join(folder, `${NAME}-1.0.0.tgz`);
}
