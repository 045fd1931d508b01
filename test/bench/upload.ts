import axios from 'axios';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { installTarball } from '../host/localRegistry';
import { N8nApi } from '../host/N8nApi';
import { startHost } from '../host/startHost';
import type { Row } from './rounds';
import { nodeOf, publishCalled, webhookNode } from './workflows';

const MIB = 1024 * 1024;
const FILE_MIB = 200;
const MOST_GROWTH_MIB = 64;
const SAMPLE_MS = 20;
const TIMEOUT_MS = 180_000;
const PAGE_BYTES = 4096;

/** Resident memory of a process in MiB, as Linux counts it. */
function memoryOf(pid: number): number {
	return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / MIB;
}

/**
 * How much the memory of n8n grows while n8n's own node fetches a file of 200 MiB and Voxfree's Send
 * File sends it on. Both, because what the first leaves unused would hide what the second takes. A
 * small file goes first, so that what is loaded once does not count.
 */
export async function uploadMemory(tarball: string, rounds: number): Promise<Row> {
	const host = await startHost({ binaryData: 'filesystem' });
	try {
		const api = new N8nApi(host.url);
		await api.signIn({ email: 'owner@example.test', password: 'demo-Passw0rd' });
		await installTarball(host, api, tarball);
		return {
			name: `memory of n8n while ${FILE_MIB} MiB are fetched and sent with Voxfree Send File`,
			unit: 'MiB more',
			ours: await growths(api, host.pid, rounds),
			reference: [MOST_GROWTH_MIB],
			referenceName: 'limit',
			lessIsBetter: true,
			target: 1,
		};
	} finally {
		await host.stop();
	}
}

/** MiB, one figure a round. */
async function growths(api: N8nApi, pid: number, rounds: number): Promise<number[]> {
	const growth: number[] = [];
	const provider = await startFileProvider(pid);
	const credential = await api.createCredential('voxfreeApi', {
		login: 'bench@demo',
		password: 'demo-password-1',
		baseUrl: provider.url,
		servicesUrl: provider.url,
		socketUrl: provider.url.replace('http', 'ws'),
	});
	const workflow = await publishCalled(api, 'Upload', [
		webhookNode('Start', { responseMode: 'lastNode' }),
		nodeOf('Download', 'n8n-nodes-base.httpRequest', 4.2, {
			url: `=${provider.url}/file?bytes={{ $json.body.bytes }}`,
			options: { response: { response: { responseFormat: 'file' } } },
		}),
		nodeOf(
			'Send File',
			'n8n-nodes-omnichannel.voxfree',
			1,
			{
				resource: 'message',
				operation: 'sendFile',
				protocol: { __rl: true, mode: 'id', value: '20231130303159' },
				binaryField: 'data',
				details: { channelId: '25', contactId: '30' },
				options: {},
			},
			credential,
		),
	]);
	try {
		const send = async (bytes: number) => {
			provider.watch();
			await axios.post(workflow.url, { bytes }, { proxy: false, timeout: TIMEOUT_MS });
			const upload = provider.uploads.at(-1);
			if (upload?.bytes === undefined || upload.bytes < bytes) {
				throw new Error(`Of ${bytes} bytes, ${upload?.bytes ?? 'none'} arrived.`);
			}
			return upload.growth;
		};
		await send(MIB);
		for (let round = 0; round < rounds; round++) growth.push(await send(FILE_MIB * MIB));
	} finally {
		await api.deleteWorkflow(workflow.id);
		await api.deleteCredential(credential.id);
		await provider.stop();
	}
	return growth;
}

/** Answers a login, serves a file of any length, and takes one, watching the memory of `pid`. */
async function startFileProvider(pid: number) {
	const uploads: Array<{ bytes: number; growth: number }> = [];
	const chunk = Buffer.alloc(64 * 1024, 'n8n');

	async function* file(bytes: number) {
		for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
	}

	let memory = 0;
	let most = 0;
	let watching: NodeJS.Timeout | undefined;
	const sample = () => (most = Math.max(most, memoryOf(pid)));

	async function take(request: IncomingMessage) {
		try {
			let bytes = 0;
			for await (const part of request) bytes += (part as Buffer).length;
			sample();
			uploads.push({ bytes, growth: most - memory });
		} finally {
			clearInterval(watching);
		}
	}

	const server = createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
		const answer = (body: object) =>
			response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
		if (pathname === '/file') {
			const bytes = Number(searchParams.get('bytes'));
			response.writeHead(200, {
				'Content-Type': 'application/octet-stream',
				'Content-Length': bytes,
			});
			Readable.from(file(bytes), { objectMode: false }).pipe(response);
		} else if (pathname.endsWith('/enviaAnexo.php')) {
			take(request).then(
				() => answer({ retorno: 'ok' }),
				() => response.destroy(),
			);
		} else {
			request.resume();
			answer({ retorno: 'ok', id_agente: '61', codid_cliente: '1' });
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		uploads,
		/** Counts the growth from now on. */
		watch: () => {
			memory = memoryOf(pid);
			most = memory;
			clearInterval(watching);
			watching = setInterval(sample, SAMPLE_MS);
		},
		stop: async () => {
			clearInterval(watching);
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}
