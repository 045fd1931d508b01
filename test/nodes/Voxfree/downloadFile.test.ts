import { binaryContent, runNode, type RunOptions } from '../../support';
import { FileServer } from './fileServer';
import { PASSWORD, setupOf, storeWith } from './setup';

/** Files that contacts have sent, from where messages say they are. */

jest.setTimeout(30_000);

const server = new FileServer();
const other = new FileServer();
beforeAll(async () => await Promise.all([server.listen(), other.listen()]));
afterAll(async () => await Promise.all([server.close(), other.close()]));
beforeEach(() => {
	for (const each of [server, other]) {
		each.requests.length = 0;
		each.files = {};
	}
});

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(200, 7)]);
const OGG = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(300, 3)]);

const run = async (parameters: object, json: object = {}, options: Partial<RunOptions> = {}) =>
	await runNode(
		setupOf(
			storeWith(`${server.url}/mobile`),
			{ resource: 'message', operation: 'downloadFile', ...parameters },
			{ items: [{ json } as never], ...options },
		),
	);
const byUrl = async (url: string, options: object = {}) =>
	await run({ source: 'url', fileUrl: url, options });
const fetched = async (served: FileServer['files'][string], path = '/files/x') => {
	server.files = { [path]: served };
	const { error, items } = await byUrl(`${server.url}${path}`);
	expect(error).toBeUndefined();
	return items[0]!.json;
};

describe.each(['memory', 'filesystem'] as const)(
	'a file, where n8n keeps files in %s',
	(binaryMode) => {
		it('arrives whole, in the field, with its name, type and size', async () => {
			server.files = { '/files/1': { content: PNG, headers: { 'content-type': 'image/png' } } };
			const { error, items } = await run(
				{ binaryPropertyName: 'photo' },
				{
					event: 'newMessage',
					message: {
						messageId: '9',
						protocol: '1',
						fileUrl: `${server.url}/files/1`,
						fileName: 'gato.png',
					},
				},
				{ binaryMode },
			);
			expect(error).toBeUndefined();
			expect(items).toHaveLength(1);
			expect(items[0]).toMatchObject({
				json: {
					messageId: '9',
					protocol: '1',
					fileName: 'gato.png',
					mimeType: 'image/png',
					fileSize: PNG.length,
				},
				binary: { photo: { mimeType: 'image/png', fileName: 'gato.png' } },
				pairedItem: { item: 0 },
			});
			expect((await binaryContent(items[0]!, 'photo')).equals(PNG)).toBe(true);
			const [request] = server.requests;
			expect(JSON.stringify(request?.headers)).not.toContain(PASSWORD);
			expect(Object.keys(request?.headers ?? {})).not.toEqual(
				expect.arrayContaining([expect.stringMatching(/authorization|cookie/)]),
			);
		});

		it('of many megabytes arrives byte by byte', async () => {
			const content = Buffer.alloc(5 * 1024 * 1024, 'abcdefg');
			server.files = { '/files/large.bin': { content } };
			const { items } = await run(
				{ source: 'url', fileUrl: `${server.url}/files/large.bin` },
				{},
				{ binaryMode },
			);
			expect((await binaryContent(items[0]!)).equals(content)).toBe(true);
		});
	},
);

describe('where the link stands', () => {
	const link = () => `${server.url}/files/1.png`;
	beforeEach(() => {
		server.files = { '/files/1.png': { content: PNG }, '/files/2.ogg': { content: OGG } };
	});

	it.each<[string, (url: string) => object]>([
		['an event of the trigger', (fileUrl) => ({ event: 'newMessage', message: { fileUrl } })],
		['a message', (fileUrl) => ({ fileUrl })],
		['a message of Voxfree', (url) => ({ codid: '9', fromMe: 0, url })],
		[
			'an opened conversation',
			(fileUrl) => ({ protocol: '1', messages: [{ text: 'x' }, { fileUrl }] }),
		],
		[
			'an event with messages before it',
			(fileUrl) => ({ message: { fileUrl }, messages: [{ fileUrl: 'https://x.example.com/2' }] }),
		],
		['a path at Voxfree', () => ({ fileUrl: '/files/1.png' })],
		['a link with spaces around it', (fileUrl) => ({ fileUrl: ` ${fileUrl}\n` })],
	])('%s', async (_what, jsonOf) => {
		const { error, items } = await run({}, jsonOf(link()));
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.mimeType)).toEqual(['image/png']);
	});

	it('collected messages give one item for each file', async () => {
		const messages = [
			{ messageId: '1', fileUrl: link() },
			{ messageId: '2', text: 'this' },
			{ messageId: '3', fileUrl: `${server.url}/files/2.ogg` },
		];
		const joined = { event: 'newMessage', message: messages[1], messages, text: 'this' };
		const { items } = await run({}, joined);
		expect(items.map(({ json }) => [json.messageId, json.mimeType])).toEqual([
			['1', 'image/png'],
			['3', 'audio/ogg'],
		]);
		expect((await run({ message: '={{ $json.messages }}' }, joined)).items).toHaveLength(2);
	});

	it.each([
		[
			'a message without a file',
			{ message: { text: 'Olá' }, messages: [{ fileUrl: 'https://x.example.com/1' }] },
		],
		['an empty item', {}],
		['an empty link', { fileUrl: '' }],
	])('%s is refused, and nothing is requested', async (_what, json) => {
		const { error } = await run({}, json);
		expect(error?.message).toBe("The message in 'Message' has no file");
		expect(server.requests).toHaveLength(0);
	});
});

describe('the type of a file', () => {
	it.each<[string, Buffer | string, string | undefined, string]>([
		['its header', OGG, 'audio/ogg; codecs=opus', 'audio/ogg'],
		['its bytes, under a header that says nothing', PNG, 'application/octet-stream', 'image/png'],
		['its bytes, without a header', OGG, undefined, 'audio/ogg'],
		['its bytes, against its header', PNG, 'text/plain', 'image/png'],
		['its header, of a container', OGG, 'video/ogg', 'video/ogg'],
		['its header, of plain text', 'a,b\n1,2', 'text/csv; charset=utf-8', 'text/csv'],
		['nothing', 'abc', undefined, 'application/octet-stream'],
		['nothing that is a type', 'abc', 'what', 'application/octet-stream'],
	])('comes from %s', async (_from, content, header, mimeType) => {
		const headers: Record<string, string> = header === undefined ? {} : { 'content-type': header };
		expect(await fetched({ content, headers })).toMatchObject({ mimeType });
	});

	it.each([
		['HTML', '<!DOCTYPE html><html></html>', 'text/html'],
		['HTML that says it is a picture', '<html><script>alert(1)</script>', 'image/png'],
		['HTML without a type', ' \n<!-- x --><script>alert(1)</script>', undefined],
		['HTML after a byte order mark', '\ufeff<html>', 'text/plain'],
		['HTML in UTF-16', Buffer.from('\ufeff<html>', 'utf16le'), 'text/plain'],
		['XHTML', 'x', 'application/xhtml+xml; charset=utf-8'],
		['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
		['SVG by its header alone', 'x', 'Image/SVG+XML'],
		['SVG that says it is text', '<?xml version="1.0"?><svg/>', 'text/plain'],
		['XML', '<a/>', 'text/xml'],
		['XML of an application', '<a/>', 'application/xml'],
		['a feed', '<rss/>', 'application/rss+xml'],
		['a script', 'alert(1)', 'text/javascript'],
	])('of %s is that of plain bytes', async (_what, content, header) => {
		const headers: Record<string, string> = header === undefined ? {} : { 'content-type': header };
		expect(await fetched({ content, headers }, '/page.html')).toMatchObject({
			mimeType: 'application/octet-stream',
		});
	});

	it('is not hidden by a server that sends it letter by letter', async () => {
		server.files = {
			'/1.png': (_request, response) => {
				const letters = [...'<html><script>alert(1)</script>'];
				response.writeHead(200, { 'content-type': 'image/png' });
				const next = (): void => {
					const letter = letters.shift();
					if (letter === undefined) response.end();
					else response.write(letter, () => setImmediate(next));
				};
				next();
			},
		};
		const { items } = await byUrl(`${server.url}/1.png`);
		expect(items[0]?.json.mimeType).toBe('application/octet-stream');
		expect((await binaryContent(items[0]!)).toString()).toBe('<html><script>alert(1)</script>');
	});
});

describe('the name of a file', () => {
	const named = async (disposition: string, path = '/files/17808798') =>
		(await fetched({ content: PNG, headers: { 'content-disposition': disposition } }, path))
			.fileName;

	it.each([
		["attachment; filename*=UTF-8''relat%C3%B3rio%20final.pdf", 'relatório final.pdf'],
		['attachment; filename="x.pdf"; filename*=utf-8\'pt\'a%C3%A7%C3%A3o.pdf', 'ação.pdf'],
		["attachment; filename*=iso-8859-1''a%E7%E3o.pdf", 'ação.pdf'],
		['attachment; filename="a \\"quoted\\" name.txt"', 'a _quoted_ name.txt'],
		['attachment; filename=plain.txt', 'plain.txt'],
		[Buffer.from('attachment; filename="ação.pdf"').toString('latin1'), 'ação.pdf'],
		['attachment; filename="../../etc/passwd.txt"', 'passwd.txt'],
		["attachment; filename*=UTF-8''..%2F..%2Fetc%2Fcron.txt", 'cron.txt'],
		['attachment; filename="C:\\\\Windows\\\\x.txt"', 'x.txt'],
		["attachment; filename*=UTF-8''a%00b%0D%0Ac%E2%80%AEgpj.exe", 'abcgpj.exe'],
		['attachment; filename="...."', '17808798.png'],
		["attachment; filename*=UTF-8''%ZZ.pdf", '%ZZ.pdf'],
		['inline', '17808798.png'],
		['attachment; filename=""', '17808798.png'],
	])('in %j is %j', async (disposition, name) => {
		expect(await named(disposition)).toBe(name);
	});

	it('is no longer than a file system allows, and keeps its extension', async () => {
		const name = String(await named(`attachment; filename="${'x'.repeat(500)}.pdf"`));
		expect(name).toMatch(/^x+\.pdf$/);
		expect(name.length).toBeLessThanOrEqual(120);
	});

	it('is the last part of the link if nobody says it', async () => {
		expect(await named('inline', '/files/foto%20de%20perfil.png?a=b.txt')).toBe(
			'foto de perfil.png',
		);
		expect(await named('inline', '/')).toBe('file.png');
	});

	it('is the user’s own before all others', async () => {
		server.files = { '/1.png': { content: PNG } };
		const { items } = await byUrl(`${server.url}/1.png`, { fileName: 'wanted.png' });
		expect(items[0]?.json.fileName).toBe('wanted.png');
	});
});

describe('a link that must not be followed', () => {
	it.each([
		['not encrypted', 'http://files.example.com/1'],
		['to this machine', 'https://127.0.0.1/1'],
		['to this machine, as a number', 'https://2130706433/1'],
		['to this machine, in hexadecimal', 'https://0x7f.1/1'],
		['to this machine, in IPv6', 'https://[::1]/1'],
		['to this machine, in mapped IPv6', 'https://[::ffff:127.0.0.1]/1'],
		['to this machine by name', 'https://localhost/1'],
		['to a private network', 'https://10.0.0.1/1'],
		['to a link-local address', 'https://169.254.169.254/latest/meta-data'],
		['to a name inside', 'https://intranet/1'],
		['to a name inside with a domain', 'https://files.internal/1'],
		['with a user name', 'https://user:pass@files.example.com/1'],
		['to a file', 'file:///etc/passwd'],
		['to data', 'data:text/plain,x'],
		['to FTP', 'ftp://files.example.com/1'],
		['without a scheme', 'files.example.com/1'],
		['with a backslash', 'https:\\\\files.example.com\\1'],
		['that is none', 'https://'],
	])('(%s) is refused before anything is requested', async (_what, url) => {
		const { error } = await byUrl(url);
		expect(error?.message).toMatch(/^The link to the file.* must not be followed$/);
		expect(error?.description).toContain('Nothing was sent');
		expect(server.requests).toHaveLength(0);
	});

	it('may lead to no other port of the credential’s machine', async () => {
		other.files = { '/1.png': { content: PNG } };
		const { error } = await byUrl(`${other.url}/1.png`);
		expect(error?.message).toContain('must not be followed');
		expect(other.requests).toHaveLength(0);
	});

	it.each([301, 302, 303, 307, 308])(
		'is not followed either after a redirect (%i)',
		async (status) => {
			other.files = { '/secret': { content: 'secret' } };
			server.files = { '/1': { status, headers: { location: `${other.url}/secret` } } };
			const { error } = await byUrl(`${server.url}/1`);
			expect(error?.message).toContain('must not be followed');
			expect(other.requests).toHaveLength(0);
			expect(server.requests).toHaveLength(1);
		},
	);
});

describe('a redirect', () => {
	it('to the host of the credential is followed', async () => {
		server.files = {
			'/1': { status: 302, headers: { location: '/2' } },
			'/2': { status: 307, headers: { location: `${server.url}/gato.png` } },
			'/gato.png': { content: PNG },
		};
		const { items } = await byUrl(`${server.url}/1`);
		expect(items[0]?.json).toMatchObject({ fileName: 'gato.png', mimeType: 'image/png' });
	});

	it('that never ends is given up', async () => {
		server.files = { '/1': { status: 302, headers: { location: '/1' } } };
		const { error } = await byUrl(`${server.url}/1`);
		expect(error?.message).toContain('must not be followed');
		expect(server.requests).toHaveLength(6);
	});
});

describe('a file that does not come', () => {
	it('because it is too large by its header is not read', async () => {
		server.files = {
			'/1': (_request, response) => {
				response.writeHead(200, { 'content-length': String(3 * 1024 * 1024) });
				response.write('x');
			},
		};
		const { error } = await byUrl(`${server.url}/1`, { fileSizeLimit: 2 });
		expect(error?.message).toBe('The file is larger than 2 MB');
		expect(error?.description).toContain("'File Size Limit (MB)'");
	});

	it.each(['memory', 'filesystem'] as const)(
		'because it turns out to be too large ends the download (%s)',
		async (binaryMode) => {
			let sent = 0;
			server.files = {
				'/1': (_request, response) => {
					const chunk = Buffer.alloc(64 * 1024);
					const write = (): void => {
						while (sent < 100 * 1024 * 1024 && response.write(chunk)) sent += chunk.length;
					};
					response.on('drain', write);
					write();
				},
			};
			const { error } = await run(
				{ source: 'url', fileUrl: `${server.url}/1`, options: { fileSizeLimit: 1 } },
				{},
				{ binaryMode },
			);
			expect(error?.message).toBe('The file is larger than 1 MB');
			expect(sent).toBeLessThan(50 * 1024 * 1024);
		},
	);

	it.each([
		[404, 1],
		[403, 1],
		[503, 3],
	])('under status %i names it, and is asked for %i times', async (status, times) => {
		server.files = { '/1': { status, content: '<html>secret</html>' } };
		const { error } = await byUrl(`${server.url}/1`);
		expect(error?.message).toMatch(
			new RegExp(
				`^The file could not be downloaded from 127\\.0\\.0\\.1:\\d+ \\(status ${status}\\)$`,
			),
		);
		expect(server.requests).toHaveLength(times);
	});

	it('because it is empty says so', async () => {
		server.files = { '/1': {} };
		const { error } = await byUrl(`${server.url}/1`);
		expect(error?.message).toMatch(/is empty$/);
	});

	it('because the connection breaks is asked for again', async () => {
		let tries = 0;
		server.files = {
			'/1.png': (request, response) => {
				if (tries++ > 0) return void response.end(PNG);
				response.writeHead(200, { 'content-length': '1000' });
				response.write(PNG);
				setTimeout(() => request.socket.destroy(), 50);
			},
		};
		const { error, items } = await byUrl(`${server.url}/1.png`);
		expect(error).toBeUndefined();
		expect((await binaryContent(items[0]!)).equals(PNG)).toBe(true);
		expect(tries).toBe(2);
	});

	it.each([
		['never answers', (): void => undefined],
		[
			'stops half-way',
			(_request: unknown, response: { write(text: string): void }) => response.write('x'),
		],
	])('because its server %s ends at the time limit', async (_what, serve) => {
		server.files = { '/1': serve as never };
		const { error } = await byUrl(`${server.url}/1`, { timeout: 300 });
		expect(error?.message).toBe('The file was not downloaded within 0.3 seconds');
	});

	it('because somebody stops the execution ends at once', async () => {
		const stop = new AbortController();
		server.files = { '/1': () => stop.abort() };
		const { status } = await run(
			{ source: 'url', fileUrl: `${server.url}/1` },
			{},
			{ signal: stop.signal },
		);
		expect(status).toBe('canceled');
	});
});
