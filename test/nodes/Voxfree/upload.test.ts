import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { multipartBody } from '../../../nodes/Voxfree/api/multipart';
import { binaryDataService, runNode, type InputFile } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import loginAnswer from '../../fixtures/voxfree/answer-login.json';
import { byId, setupOf, storeWith, useRecorder } from './setup';
import { Readable } from 'node:stream';
import { sleep } from 'n8n-workflow';

jest.setTimeout(30_000);

const recorder = useRecorder();
beforeEach(() => {
	recorder.answers = { 'enviaAnexo.php': sentText };
});

const sendFile = (parameters: object = {}) => ({
	resource: 'message',
	operation: 'sendFile',
	protocol: byId('20231206303160'),
	details: { channelId: '25', contactId: '30' },
	...parameters,
});
const withFile = (file: InputFile) => [{ json: {}, binary: { data: file } }];

describe.each(['memory', 'filesystem'] as const)('a file that n8n keeps in %s', (binaryMode) => {
	const send = async (file: InputFile, parameters: object = {}) =>
		await runNode(
			setupOf(storeWith(recorder.url), sendFile(parameters), {
				items: withFile(file),
				binaryMode,
			}),
		);

	it('arrives byte by byte, with its name and type, under the length that was announced', async () => {
		const content = Buffer.from(Array.from({ length: 300_000 }, (_byte, index) => index % 256));
		const { items, error } = await send({
			content,
			mimeType: 'image/png',
			fileName: 'picture.png',
		});
		expect(error).toBeUndefined();
		const [request] = recorder.to('enviaAnexo.php');
		expect(request?.file).toMatchObject({
			name: 'file',
			fileName: 'picture.png',
			type: 'image/png',
		});
		expect(request?.file?.bytes.equals(content)).toBe(true);
		expect(Number(request?.headers['content-length'])).toBeGreaterThan(300_000);
		expect(request?.headers['transfer-encoding']).toBeUndefined();
		expect(items[0]?.json).toMatchObject({
			success: true,
			protocol: '20231130303159',
			messageId: '17932701',
			sentAt: '2023-12-05T09:52:45-03:00',
		});
	});

	it.each([
		'relatório de março (ção).pdf',
		'a "quoted" name.txt',
		'it\'s; name="x"; filename="y".txt',
		'smile 😀👩🏽‍🚀.jpg',
		'日本語.docx',
		'percent %22 and + plus.txt',
		'.hidden',
	])('keeps its name: %s', async (fileName) => {
		const { error } = await send({ content: 'x', fileName });
		expect(error).toBeUndefined();
		expect(recorder.to('enviaAnexo.php')[0]?.file?.fileName).toBe(fileName);
	});

	it.each([
		['../../etc/passwd', '.._.._etc_passwd'],
		['C:\\Users\\x.txt', 'C:_Users_x.txt'],
		['two\r\nlines: x.txt', 'two lines: x.txt'],
	])('has no name that leads elsewhere or breaks the form: %j', async (fileName, sent) => {
		const { error } = await send({ content: 'x', fileName: 'x.txt' }, { options: { fileName } });
		expect(error).toBeUndefined();
		expect(recorder.to('enviaAnexo.php')[0]?.file?.fileName).toBe(sent);
		expect(recorder.to('enviaAnexo.php')[0]?.file?.bytes.toString()).toBe('x');
	});

	it('goes with its caption, untouched', async () => {
		const caption = 'Olá! "Veja"\r\n--limite\r\n😀 último';
		await send({ content: 'x', fileName: 'x.txt' }, { caption });
		expect(recorder.to('enviaAnexo.php')[0]?.body).toEqual({
			protocolo: '20231206303160',
			codid_cliente: '1',
			id_canal_unico: '25',
			id_agente: '61',
			id_contato: '30',
			mensagem: caption,
		});
	});

	it('that is empty is refused before anything is sent', async () => {
		const { error } = await send({ content: '', fileName: 'empty.txt' });
		expect(error?.message).toBe("The file 'empty.txt' is empty");
		expect(recorder.requests).toHaveLength(0);
	});

	it('is sent once, whatever the answer', async () => {
		recorder.answers = { 'enviaAnexo.php': () => ({ status: 500, text: '' }) };
		const { error } = await send({ content: 'x', fileName: 'x.txt' });
		expect(error?.message).toContain('The message may have been delivered: do not send it again');
		expect(recorder.to('enviaAnexo.php')).toHaveLength(1);
	});
});

describe('a file that is not there', () => {
	it('under the name of the field names the fields that are', async () => {
		const { error } = await runNode(
			setupOf(storeWith(recorder.url), sendFile({ binaryField: 'photo' }), {
				items: withFile({ content: 'x' }),
			}),
		);
		expect(error?.message).toBe("The input item has no file in 'photo'");
		expect(error?.description).toContain("The item has: 'data'");
		expect(recorder.requests).toHaveLength(0);
	});

	it('any more is told from one that never was', async () => {
		const service = await binaryDataService('filesystem');
		const getMetadata = jest
			.spyOn(service, 'getMetadata')
			.mockImplementation(async () => await Promise.reject(new Error('ENOENT')));
		try {
			const { error } = await runNode(
				setupOf(storeWith(recorder.url), sendFile(), {
					items: withFile({ content: 'x', fileName: 'x.txt' }),
					binaryMode: 'filesystem',
				}),
			);
			expect(error?.message).toBe("The file 'x.txt' no longer exists");
			expect(recorder.requests).toHaveLength(0);
		} finally {
			getMetadata.mockRestore();
		}
	});
});

describe('a stream that breaks half-way', () => {
	/** A server that notes whether the request came to its end. */
	async function watch(
		content: () => Readable,
		size: number,
		hangUpAfter = Infinity,
		options: object = {},
	) {
		const seen = { begun: 0, complete: 0, broken: 0, bytes: 0 };
		const server = createServer((request, response) => {
			if (request.url?.endsWith('login.php')) {
				request.resume();
				response.end(JSON.stringify(loginAnswer));
				return;
			}
			seen.begun++;
			request.on('data', (chunk: Buffer) => {
				seen.bytes += chunk.length;
				if (seen.bytes > hangUpAfter) request.socket.resetAndDestroy();
			});
			request.on('error', () => undefined);
			request.on('close', () => (request.complete ? seen.complete++ : seen.broken++));
			request.on('end', () => response.end(JSON.stringify(sentText)));
		});
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const service = await binaryDataService('filesystem');
		const opened: Readable[] = [];
		const getStream = jest.spyOn(service, 'getAsStream').mockImplementation(async () => {
			const stream = content();
			opened.push(stream);
			return await Promise.resolve(stream);
		});
		const getMetadata = jest
			.spyOn(service, 'getMetadata')
			.mockImplementation(async () => await Promise.resolve({ fileSize: size }));
		try {
			const run = await runNode(
				setupOf(storeWith(url), sendFile({ options }), {
					items: withFile({ content: 'x', fileName: 'x.bin' }),
					binaryMode: 'filesystem',
				}),
			);
			return { run, seen, opened };
		} finally {
			getStream.mockRestore();
			getMetadata.mockRestore();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	}

	const chunk = Buffer.alloc(64 * 1024, 1);
	const broken = () =>
		Readable.from(
			(async function* () {
				yield chunk;
				yield chunk;
				await Promise.resolve();
				throw new Error('disk gone');
			})(),
		);

	it.each([
		['by an error', broken, chunk.length * 100, 'disk gone'],
		['by ending too early', () => Readable.from([chunk]), chunk.length * 2, 'fewer bytes'],
		[
			'by not ending in time',
			() => Readable.from([chunk, chunk, chunk]),
			chunk.length * 2,
			'more bytes',
		],
	])('%s leaves the request incomplete, so that nothing counts as sent', async (...given) => {
		const [, content, size, reason] = given;
		const { run, seen, opened } = await watch(content, size);
		expect(run.error?.message).toBe("The file 'x.bin' could not be read to its end");
		expect(run.error?.description).toContain('no message was sent');
		expect(run.error?.description).toContain(reason);
		expect(seen.complete).toBe(0);
		expect(seen.begun).toBeLessThanOrEqual(1);
		expect(opened.every((stream) => stream.destroyed)).toBe(true);
	});

	it('because the provider hangs up is not blamed on the file, and not sent again', async () => {
		const many = () => Readable.from(Array.from({ length: 400 }, () => chunk));
		const { run, seen, opened } = await watch(many, chunk.length * 400, chunk.length * 3);
		expect(run.error?.message).toBe(
			'The connection to Voxfree was lost before the response was complete. The message may have been delivered: do not send it again',
		);
		expect(seen).toMatchObject({ begun: 1, complete: 0 });
		expect(opened.map((stream) => stream.destroyed)).toEqual([true]);
	});

	/** Chunks with a pause after each; after the last, nothing more. */
	const slow = (chunks: number, pause: number, thenSilent = false) =>
		Readable.from(
			(async function* () {
				for (let sent = 0; sent < chunks; sent++) {
					yield chunk;
					await sleep(pause);
				}
				if (thenSilent) await new Promise(() => undefined);
			})(),
		);

	it('is not one that is slow: the time limit counts from the last bytes', async () => {
		const { run, seen } = await watch(() => slow(6, 400), chunk.length * 6, Infinity, {
			timeout: 2_000,
		});
		expect(run.error).toBeUndefined();
		expect(seen).toMatchObject({ begun: 1, complete: 1 });
	});

	it('by falling silent ends at the time limit, and sends nothing', async () => {
		const { run, seen, opened } = await watch(() => slow(2, 0, true), chunk.length * 3, Infinity, {
			timeout: 500,
		});
		expect(run.error?.message).toMatch(/^Voxfree did not respond/);
		expect(seen).toMatchObject({ begun: 1, complete: 0 });
		expect(opened.map((stream) => stream.destroyed)).toEqual([true]);
	});

	it('is not opened a second time', async () => {
		const { opened } = await watch(broken, chunk.length * 100);
		expect(opened).toHaveLength(1);
	});
});

describe('the form itself', () => {
	it('is as long as it says, chunk by chunk', async () => {
		const bytes = Buffer.alloc(200_000, 7);
		const body = multipartBody({
			fields: [['protocolo', '1']],
			fileField: 'file',
			file: {
				name: 'x',
				mimeType: '',
				size: bytes.length,
				open: async () =>
					await Promise.resolve(Readable.from([bytes.subarray(0, 99), bytes.subarray(99)])),
			},
		});
		let read = 0;
		const hash = createHash('sha256');
		for await (const part of (await body.open(() => undefined)) as Readable) {
			read += (part as Buffer).length;
			hash.update(part as Buffer);
		}
		expect(read).toBe(body.length);
		expect(body.failure).toBeUndefined();
	});
});
