import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runNode } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import loginAnswer from '../../fixtures/voxfree/answer-login.json';
import { byId, setupOf, startNewProcess, storeWith } from './setup';

jest.setTimeout(180_000);

const MIB = 1024 * 1024;
const BOUND = 64 * MIB;
/** How far a file comes between two measurements. */
const STEP = 16 * MIB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let peak = 0;
/** Garbage does not count: how long it stays depends on what else this process has done. */
function measure() {
	collectGarbage();
	peak = Math.max(peak, process.memoryUsage().rss);
}

/** Takes forms, keeps nothing of them, and tells the hash of what they held. */
let server: Server;
let received: { bytes: number; hash: string }[] = [];
let url = '';

beforeAll(async () => {
	server = createServer((request, response) => {
		const hash = createHash('sha256');
		let bytes = 0;
		request.on('data', (chunk: Buffer) => {
			if (Math.floor(bytes / STEP) < Math.floor((bytes + chunk.length) / STEP)) measure();
			bytes += chunk.length;
			hash.update(chunk);
		});
		request.on('end', () => {
			const isLogin = request.url?.endsWith('login.php');
			if (!isLogin) received.push({ bytes, hash: hash.digest('hex') });
			response.end(JSON.stringify(isLogin ? loginAnswer : sentText));
		});
	});
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

/** A file of `mebibytes`, each one different, made while it is stored. */
const fileOf = (mebibytes: number) =>
	Readable.from(
		(function* () {
			for (let index = 0; index < mebibytes; index++) {
				if ((index * MIB) % STEP === 0) measure();
				yield Buffer.alloc(MIB, index % 251);
			}
		})(),
	);

async function upload(mebibytes: number): Promise<{ growth: number }> {
	received = [];
	startNewProcess();
	peak = 0;
	collectGarbage();
	const before = process.memoryUsage().rss;
	// From before n8n stores the file until the last byte has arrived.
	const { error } = await runNode(
		setupOf(
			storeWith(url),
			{
				resource: 'message',
				operation: 'sendFile',
				protocol: byId('20231206303160'),
				details: { channelId: '25', contactId: '30' },
			},
			{
				items: [
					{ json: {}, binary: { data: { content: fileOf(mebibytes), fileName: 'large.bin' } } },
				],
				binaryMode: 'filesystem',
			},
		),
	);
	expect(error).toBeUndefined();
	return { growth: peak - before };
}

it('sends 200 MiB with memory growing by less than 64 MiB', async () => {
	await upload(8);
	const { growth } = await upload(200);
	expect(received).toHaveLength(1);
	// The form around the file takes a few hundred bytes.
	expect(received[0]?.bytes).toBeGreaterThan(200 * MIB);
	expect(received[0]?.bytes).toBeLessThan(200 * MIB + 2_000);
	process.stdout.write(`200 MiB upload: memory grew by ${(growth / MIB).toFixed(1)} MiB\n`);
	expect(growth).toBeLessThan(BOUND);
});
