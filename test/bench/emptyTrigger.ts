import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../host/install';

const NAME = 'n8n-nodes-empty-trigger';

/** The types of its nodes in n8n. */
export const EMPTY_TRIGGER = `${NAME}.emptyTrigger`;
export const EMPTY_EMITTER = `${NAME}.emptyEmitter`;

const WEBHOOK_NODE = `
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

/*
 * Each frame of its socket says how many items to emit and what they look like; an item's id is all
 * that it makes itself.
 */
const EMITTING_NODE = `
exports.EmptyEmitter = class EmptyEmitter {
	description = {
		displayName: 'Empty Emitter',
		name: 'emptyEmitter',
		group: ['trigger'],
		version: 2,
		description: 'Starts the workflow as often as it is told',
		defaults: { name: 'Empty Emitter' },
		inputs: [],
		outputs: ['main'],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'At Once (0 for All)', name: 'atOnce', type: 'number', default: 0 },
			{ displayName: 'With Keys', name: 'withKeys', type: 'boolean', default: false },
		],
	};

	async trigger() {
		const atOnce = this.getNodeParameter('atOnce');
		const withKeys = this.getNodeParameter('withKeys');
		const socket = new WebSocket(this.getNodeParameter('url'));
		socket.addEventListener('message', ({ data }) => {
			const { count, first, item } = JSON.parse(data);
			let next = 0;
			const emit = (done) => {
				const messageId = String(first + next++);
				const key = withKeys ? 'empty:' + messageId : undefined;
				this.emit([[{ json: { ...item, messageId } }]], undefined, done, key);
			};
			if (atOnce === 0) {
				while (next < count) emit();
				return;
			}
			const work = async () => {
				while (next < count) {
					const done = this.helpers.createDeferredPromise();
					emit(done);
					await done.promise;
				}
			};
			for (let n = 0; n < atOnce; n++) void work();
		});
		await new Promise((resolve, reject) => {
			socket.addEventListener('open', resolve);
			socket.addEventListener('error', reject);
		});
		return { closeFunction: async () => socket.close() };
	}
};
`;

/**
 * Packs a community package with triggers that do nothing but start: what n8n itself takes for a
 * webhook, and for an event, of any community node.
 *
 * @returns the path of the tarball
 */
export function packEmptyTriggers(): string {
	const folder = join(projectRoot, '.test-output', 'empty-trigger');
	mkdirSync(folder, { recursive: true });
	const files = { 'EmptyTrigger.node.js': WEBHOOK_NODE, 'EmptyEmitter.node.js': EMITTING_NODE };
	for (const [file, code] of Object.entries(files)) writeFileSync(join(folder, file), code);
	const nodes = Object.keys(files);
	const manifest = {
		name: NAME,
		version: '1.0.0',
		description: 'Triggers to compare with',
		license: 'MIT',
		keywords: ['n8n-community-node-package'],
		files: nodes,
		n8n: { n8nNodesApiVersion: 1, nodes },
	};
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: folder });
	return join(folder, `${NAME}-1.0.0.tgz`);
}
