import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { projectRoot, ensureHost } from '../host/install';
import { readWorkflow, webhooksOf } from '../host/importWorkflow';
import { installTarball, packProject, type PackedProject } from '../host/localRegistry';
import { N8nApi, N8nApiError, type Credential, type Owner, type Workflow } from '../host/N8nApi';
import { startHost, type Host } from '../host/startHost';
import { startControlPage, type ControlPage } from '../simulators/controlPage';
import { isAlive } from '../steps.cjs';
import { signInAsOwner } from './owner';
import { CONTROL_PAGE_URL, demoProviders } from './providers';

const N8N_PORT = 5678;
const CONTROL_PAGE_PORT = 4800;
const WORKFLOWS = join(projectRoot, 'test', 'e2e', 'workflows');

/** What an earlier start has put into n8n, so that the next one need not do it again. */
interface Remembered {
	/** Hash of the installed package's contents. */
	package?: string;
	credentials: Record<string, { id: string; hash: string }>;
	workflows: Record<string, { id: string; hash: string }>;
}

/**
 * Starts simulators, control page and n8n with the package, credentials and live workflows, prints
 * the addresses, and returns. Ctrl-C (or SIGTERM) then stops everything.
 *
 * n8n keeps its data under `.demo`. A second demo beside a running one gets a folder of its own.
 */
export async function startDemo() {
	const folder = claimFolder();
	const running: { page?: ControlPage; host?: Host } = {};
	let stopping: Promise<void> | undefined;
	const stop = () =>
		(stopping ??= (async () => {
			await Promise.allSettled([running.host?.stop(), running.page?.close()]);
			folder.release();
		})());
	let stoppingSince = 0;
	const onSignal = () => {
		// One Ctrl-C arrives twice, from the terminal and from npm; a later one means: at once.
		if (stopping && Date.now() - stoppingSince > 1_000) process.exit(130);
		if (stopping) return;
		stoppingSince = Date.now();
		console.log('\nStopping …');
		void stop().then(() => {
			console.log('Stopped.');
			process.exit(0);
		});
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
	whenNpmHasEnded(onSignal);
	try {
		await ensureHost();
		const [packed, page, host] = await Promise.all([
			packProject(),
			startControlPage({
				port: CONTROL_PAGE_PORT,
				// n8n knows the messages of earlier demos, and leaves out what comes again.
				voxfree: { firstMessageId: String(Date.now()) },
			}).then((page) => (running.page = page)),
			step('Starting n8n', async () => (running.host = await startDemoHost(folder.path))),
		]);
		const api = new N8nApi(host.url);
		const owner = await signInAsOwner(api, folder.path);
		const workflows = await fill(join(folder.path, 'demo.json'), api, host, page, packed);
		showAddresses(host, page, owner, workflows);
		void host.ended.then(() => {
			if (stopping) return;
			console.error(`n8n has ended by itself. Its log is ${join(folder.path, 'n8n.log')}`);
			process.exitCode = 1;
			void stop().then(() => process.exit());
		});
	} catch (error) {
		if (stopping) return;
		await stop();
		throw error;
	}
}

/** Whoever ends npm the hard way expects the demo to end as well. */
function whenNpmHasEnded(end: () => void) {
	if (!process.env.npm_lifecycle_event) return;
	const npm = process.ppid;
	const timer = setInterval(() => {
		if (process.ppid === npm) return;
		clearInterval(timer);
		end();
	}, 500);
	timer.unref();
}

async function startDemoHost(userFolder: string) {
	return await startHost({
		userFolder,
		port: N8N_PORT,
		endOnSignal: false,
		// So that somebody can try a provider's real address from the demo.
		loopbackOnly: process.env.DEMO_ALLOW_OUTBOUND !== '1',
	});
}

/** Brings package, credentials and workflows in n8n up to date; leaves alone what has not changed. */
async function fill(
	memoryFile: string,
	api: N8nApi,
	host: Host,
	page: ControlPage,
	packed: PackedProject,
): Promise<Workflow[]> {
	const memory = recall(memoryFile);
	const remember = () => writeFileSync(memoryFile, JSON.stringify(memory, null, '\t'));

	const isNewPackage = memory.package !== packed.contents;
	if (isNewPackage) {
		await step('Installing the nodes in n8n', () => installTarball(host, api, packed.tarball));
		memory.package = packed.contents;
		remember();
	}

	const credentials: Credential[] = [];
	for (const { credential } of demoProviders) {
		credentials.push(await putCredential(api, memory, credential, credential.data(page)));
		remember();
	}

	const workflows: Workflow[] = [];
	const files = existsSync(WORKFLOWS) ? readdirSync(WORKFLOWS).sort() : [];
	for (const file of files.filter((name) => name.endsWith('.json'))) {
		const workflow = await putWorkflow(api, memory, file, {
			credentials,
			replace: { [CONTROL_PAGE_URL]: page.url },
			isNewPackage,
		});
		remember();
		workflows.push(workflow);
		const webhooks = await webhooksOf(api, workflow);
		for (const { credential, connect } of demoProviders)
			if (workflow.nodes.some((node) => node.credentials?.[credential.type]))
				connect(page, webhooks);
	}
	return workflows;
}

async function putCredential(
	api: N8nApi,
	memory: Remembered,
	{ type, name }: { type: string; name: string },
	data: Record<string, unknown>,
): Promise<Credential> {
	const hash = hashOf(data);
	const known = memory.credentials[type];
	const existing = known && (await api.credentials()).find(({ id }) => id === known.id);
	if (existing && known.hash === hash) return existing;
	const credential = existing
		? await api.updateCredential(existing, data)
		: await api.createCredential(type, data, name);
	memory.credentials[type] = { id: credential.id, hash };
	return credential;
}

/** A person's own changes in the editor stay, as long as the workflow's file does not change. */
async function putWorkflow(
	api: N8nApi,
	memory: Remembered,
	file: string,
	options: {
		credentials: Credential[];
		replace: Record<string, string>;
		isNewPackage: boolean;
	},
): Promise<Workflow> {
	const wanted = readWorkflow(join(WORKFLOWS, file), options);
	const hash = hashOf(wanted);
	const known = memory.workflows[file];
	const existing = known && (await findWorkflow(api, known.id));
	if (existing && known.hash === hash) {
		// A live trigger keeps the code it was published with.
		if (options.isNewPackage && existing.activeVersionId) {
			await api.unpublish(existing.id);
			await api.publish(existing.id);
		}
		return existing;
	}
	const workflow = existing
		? await api.updateWorkflow(existing.id, wanted)
		: await api.createWorkflow(wanted);
	await api.publish(workflow.id);
	memory.workflows[file] = { id: workflow.id, hash };
	return workflow;
}

async function findWorkflow(api: N8nApi, id: string): Promise<Workflow | undefined> {
	try {
		const workflow = await api.workflow(id);
		return workflow.isArchived ? undefined : workflow;
	} catch (error) {
		if (error instanceof N8nApiError) return undefined;
		throw error;
	}
}

function showAddresses(host: Host, page: ControlPage, owner: Owner, workflows: Workflow[]) {
	const lines = [
		`Control page  ${page.url}`,
		'              play the customer and the agent here',
		`n8n           ${host.url}`,
		`              ${owner.email}   ${owner.password}`,
		...workflows.map(
			({ id, name }, index) =>
				`${index === 0 ? 'Workflows   ' : '            '}  ${host.url}/workflow/${id}  ${name}`,
		),
		'',
		`Ready after ${Math.round(process.uptime())} s. Ctrl-C stops everything.`,
	];
	const width = Math.max(...lines.map((line) => line.length));
	const rule = '─'.repeat(width + 2);
	console.log(`\n┌${rule}┐`);
	for (const line of lines) console.log(`│ ${line.padEnd(width)} │`);
	console.log(`└${rule}┘`);
}

/** `.demo/1`, or the next number when another running demo has that. */
function claimFolder() {
	for (let number = 1; ; number++) {
		const path = join(projectRoot, '.demo', String(number));
		const claim = join(path, 'demo.pid');
		mkdirSync(path, { recursive: true, mode: 0o700 });
		const owner = existsSync(claim) ? Number(readFileSync(claim, 'utf8')) : 0;
		if (owner && isAlive(owner)) continue;
		rmSync(claim, { force: true });
		try {
			writeFileSync(claim, String(process.pid), { flag: 'wx' });
		} catch {
			continue;
		}
		if (number > 1) console.log('Another demo is running: this one gets its own data and ports.');
		return { path, release: () => rmSync(claim, { force: true }) };
	}
}

function recall(file: string): Remembered {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as Remembered;
	} catch {
		return { credentials: {}, workflows: {} };
	}
}

function hashOf(value: unknown) {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

async function step<T>(label: string, work: () => Promise<T>): Promise<T> {
	const started = Date.now();
	const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
	console.log(`${label} …`);
	const heartbeat = setInterval(() => console.log(`${label} … ${seconds()}`), 5_000);
	try {
		const result = await work();
		console.log(`${label}: done in ${seconds()}`);
		return result;
	} finally {
		clearInterval(heartbeat);
	}
}
