import { runNode, type InputItem, type RunOptions } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import { byId, setupOf, storeWith, useRecorder } from './setup';

/** Where the files of Send File come from, and what people and programs make of them. */

jest.setTimeout(30_000);

const recorder = useRecorder();
beforeEach(() => {
	recorder.answers = { 'enviaAnexo.php': sentText };
});

const run = async (
	items: InputItem[],
	parameters: object = {},
	options: Partial<RunOptions> = {},
) =>
	await runNode(
		setupOf(
			storeWith(recorder.url),
			{
				resource: 'message',
				operation: 'sendFile',
				protocol: byId('20231206303160'),
				details: { channelId: '25', contactId: '30' },
				...parameters,
			},
			{ items, ...options },
		),
	);

const sent = () => recorder.to('enviaAnexo.php').map(({ file }) => file);
const contents = () => sent().map((file) => file?.bytes.toString());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const made = (file: object) => [{ json: {}, binary: { data: { ...file } } }];
const PDF = { mimeType: 'application/pdf' };

describe('a file whose bytes a program has put into the item', () => {
	const text = 'ação?>~ÿ'.repeat(40);
	const bytes = Buffer.from(text);
	const plain = bytes.toString('base64');
	const urlSafe = bytes.toString('base64url');

	it.each<[string, unknown]>([
		['as Base64', plain],
		['wrapped over lines', plain.replace(/.{76}/g, '$&\r\n')],
		['wrapped, with a line at its end', `${plain.replace(/.{64}/g, '$&\n')}\n`],
		['with spaces around it', `  ${plain}\t`],
		['with a data: prefix', `data:application/pdf;base64,${plain}`],
		['with a long data: prefix', `DATA:application/pdf; charset=utf-8 ;Base64,${plain}`],
		['with a bare data: prefix, wrapped', `data:;base64,\n${plain.replace(/.{76}/g, '$&\n')}`],
		['escaped in a data: URL', `data:application/pdf;base64,${encodeURIComponent(plain)}`],
		['in the URL-safe alphabet', urlSafe],
		['without padding', plain.replace(/=+$/, '')],
		['as a Buffer', bytes],
		['as a Buffer that went through JSON', bytes.toJSON()],
	])('arrives %s, under the length of its bytes', async (_how, data) => {
		const { error } = await run(made({ data, ...PDF, fileName: 'x.pdf' }));
		expect(error).toBeUndefined();
		expect(sent()).toHaveLength(1);
		expect(sent()[0]?.bytes.equals(bytes)).toBe(true);
	});

	it.each([0, 1, 2, 3, 4, 5])(
		'has the right length with %i bytes in its last group',
		async (more) => {
			const content = 'x'.repeat(30 + more);
			await run(made({ data: `data:text/plain;base64,${base64(content)}` }));
			expect(contents()).toEqual([content]);
		},
	);

	it.each<[string, unknown, string]>([
		['a text', 'Olá, mundo!', 'is not Base64'],
		['a text in ASCII', 'Hello, world.', 'is not Base64'],
		['half a group', 'YWJjZ', 'is not Base64'],
		['padding in its middle', 'YQ==YQ==', 'is not Base64'],
		['a data: URL of another kind', 'data:text/plain,Hello', 'is not Base64'],
		['an escape that is none', 'data:;base64,%ZZ', 'is not Base64'],
		['a number', 7, 'is not Base64'],
		['null', null, 'is not Base64'],
		['a list', [1, 2], 'is not Base64'],
		['an object', { a: 1 }, 'is not Base64'],
		['nothing', '', 'is empty'],
		['a data: URL of nothing', 'data:;base64,', 'is empty'],
		['blank lines', '\n\n', 'is empty'],
	])('is refused by its name if it is %s', async (_what, data, reason) => {
		const { error } = await run(made({ data, ...PDF, fileName: 'bill.pdf' }));
		expect(error?.message).toMatch(new RegExp(`file 'bill.pdf' ${reason}$`));
		expect(error?.description).toContain('Nothing was sent');
		expect(recorder.requests).toEqual([]);
	});

	it.each([
		['its name', { ...PDF, fileName: 'bill.pdf' }, 'bill.pdf', 'application/pdf'],
		['no name', PDF, 'file.pdf', 'application/pdf'],
		['an empty name', { ...PDF, fileName: ' ' }, 'file.pdf', 'application/pdf'],
		['a number for a name', { ...PDF, fileName: 7 }, '7', 'application/pdf'],
		['an object for a name', { ...PDF, fileName: {} }, 'file.pdf', 'application/pdf'],
		['null for a name', { ...PDF, fileName: null }, 'file.pdf', 'application/pdf'],
		['an extension of its own', { ...PDF, fileExtension: '.PDF' }, 'file.PDF', 'application/pdf'],
		['a number for an extension', { ...PDF, fileExtension: 1 }, 'file.pdf', 'application/pdf'],
		[
			'a type with parameters',
			{ mimeType: 'audio/ogg; codecs=opus' },
			'file.ogg',
			'audio/ogg; codecs=opus',
		],
		['an unusual picture', { mimeType: 'image/x-icon' }, 'file.icon', 'image/x-icon'],
		['no type', {}, 'file.bin', 'application/octet-stream'],
		['no type, but a name', { fileName: 'a.b/photo.JPG' }, 'a.b_photo.JPG', 'image/jpeg'],
		['a number for a type', { mimeType: 7 }, 'file.bin', 'application/octet-stream'],
		['null for a type', { mimeType: null }, 'file.bin', 'application/octet-stream'],
		['words for a type', { mimeType: 'a picture' }, 'file.bin', 'application/octet-stream'],
		[
			'a line break in its type',
			{ mimeType: 'a/b\r\nX-Evil: 1' },
			'file.bin',
			'application/octet-stream',
		],
		['a name of Object', { mimeType: 'constructor' }, 'file.bin', 'application/octet-stream'],
		['a wrong size', { ...PDF, fileSize: '12 kB', bytes: 'x' }, 'file.pdf', 'application/pdf'],
		['a size that is none', { ...PDF, fileSize: {} }, 'file.pdf', 'application/pdf'],
	])('goes out with %s', async (_what, metadata, fileName, type) => {
		const { error } = await run(made({ data: base64('content'), ...metadata }));
		expect(error).toBeUndefined();
		expect(sent()).toEqual([
			expect.objectContaining({ fileName, type, bytes: Buffer.from('content') }),
		]);
	});

	it('takes its type from its data: prefix if it says none itself', async () => {
		await run(made({ data: `data:image/png;base64,${base64('content')}` }));
		expect(sent()).toEqual([expect.objectContaining({ fileName: 'file.png', type: 'image/png' })]);
	});

	it.each([
		['the text itself', base64('content')],
		['a Buffer', Buffer.from('content')],
	])('may be %s in place of an object', async (_what, data) => {
		const { error } = await run([{ json: {}, binary: { data } } as never]);
		expect(error).toBeUndefined();
		expect(contents()).toEqual(['content']);
	});
});

describe('the name of a field without a file', () => {
	const names = [
		'__proto__',
		'constructor',
		'toString',
		'hasOwnProperty',
		'length',
		'photo',
		'a.b',
	];

	it.each(names)('(%s) is answered with the names that there are', async (name) => {
		const items = [{ json: {}, binary: { data: { content: 'x' }, 'my file': { content: 'y' } } }];
		const { error } = await run(items, { binaryField: name });
		expect(error?.message).toBe(`The input item has no file in '${name}'`);
		expect(error?.description).toContain("The item has: 'data', 'my file'.");
		expect(error?.description).not.toContain('one item per file');
		expect(recorder.requests).toEqual([]);
	});

	it.each(names)('(%s) is answered for an item without files', async (name) => {
		const { error } = await run([{ json: {} }], { binaryField: name });
		expect(error?.message).toBe(`The input item has no file in '${name}'`);
		expect(error?.description).toContain('has no files at all');
	});

	it('is quoted in part if it is the file itself', async () => {
		const { error } = await run([{ json: {} }], { binaryField: base64('x').repeat(10_000) });
		expect(error?.message.length).toBeLessThan(400);
	});

	it('stops all items before the first leaves', async () => {
		const items = [
			{ json: {}, binary: { data: { content: 'x' } } },
			{ json: {}, binary: { data: { data: 'not Base64!', fileName: 'b.txt' } } },
		];
		const { error } = await run(items);
		expect(error).toMatchObject({
			message: "The content of the file 'b.txt' is not Base64",
			context: { itemIndex: 1 },
		});
		expect(error?.description?.match(/Nothing was sent/g)).toHaveLength(1);
		expect(recorder.requests).toEqual([]);
	});
});

describe.each(['memory', 'filesystem'] as const)('files that n8n keeps in %s', (binaryMode) => {
	const items = [
		{
			json: { list: ['data', 'data2'], one: 'data2' },
			binary: {
				data: { content: 'first', fileName: 'a.txt', mimeType: 'text/plain' },
				data2: { content: 'second', fileName: 'b.pdf', ...PDF },
				'a, b': { content: 'third', fileName: 'c.txt' },
			},
		},
	];
	const both = ['first', 'second'];

	describe.each(['separate', 'combined'] as const)('in binary mode %s', (mode) => {
		const send = async (binaryField: string) =>
			await run(items, { binaryField }, { binaryMode, workflowSettings: { binaryMode: mode } });
		/** The files of the item for an expression; there, n8n has no name for them in memory. */
		const isHidden = mode === 'combined' && binaryMode === 'memory';
		const files = mode === 'combined' ? '$json._files' : '$binary';

		const fromExpressions: Array<[string, string, string[]]> = isHidden
			? []
			: [
					['a file', `={{ ${files}.data2 }}`, ['second']],
					['a list of files', `={{ [${files}.data2, ${files}.data] }}`, ['second', 'first']],
					['a list of both', `={{ [${files}.data2, "data"] }}`, ['second', 'first']],
					['all files', `={{ ${files} }}`, ['first', 'second', 'third']],
				];

		it.each<[string, string, string[]]>([
			['a name', 'data', ['first']],
			['a name with spaces', ' data ', ['first']],
			['a name from an expression', '={{ $json.one }}', ['second']],
			['a name with a comma', 'a, b', ['third']],
			['two names', 'data,data2', both],
			['two names in the other order', 'data2,data', ['second', 'first']],
			['two names with spaces', ' data , data2 ', both],
			['two names on lines', 'data\ndata2', both],
			['commas too many', ',data,,data2,', both],
			['a name twice', 'data,data', ['first']],
			['a list of names', '={{ $json.list }}', both],
			['a list with names together', '={{ ["data2, data"] }}', ['second', 'first']],
			...fromExpressions,
		])('%s sends one message each, in order', async (_what, field, expected) => {
			const { error, items: output } = await send(field);
			expect(error).toBeUndefined();
			expect(contents()).toEqual(expected);
			expect(output).toHaveLength(expected.length);
			expect(output.every(({ pairedItem }) => (pairedItem as { item: number }).item === 0)).toBe(
				true,
			);
		});

		it('the path of the combined mode works', async () => {
			const { error } = await send('_files.data, _files.data2');
			if (mode === 'combined' || binaryMode === 'memory') expect(contents()).toEqual(both);
			expect(error === undefined).toBe(contents().length > 0);
		});
	});

	it('keeps names and types of each', async () => {
		await run(items, { binaryField: 'data,data2' }, { binaryMode });
		expect(sent()).toEqual([
			expect.objectContaining({ fileName: 'a.txt', type: 'text/plain' }),
			expect.objectContaining({ fileName: 'b.pdf', type: 'application/pdf' }),
		]);
	});

	it('has the caption with the first, and numbers a common name', async () => {
		const options = { fileName: 'bill.txt', replyToMessageId: '17808798' };
		await run(items, { binaryField: 'data,data2', caption: 'Here', options }, { binaryMode });
		expect(recorder.to('enviaAnexo.php').map(({ body, file }) => [body, file?.fileName])).toEqual([
			[expect.objectContaining({ mensagem: 'Here', reply_id: '17808798' }), 'bill.txt'],
			[expect.not.objectContaining({ mensagem: 'Here' }), 'bill (2).txt'],
		]);
	});

	it('sends nothing if one of them is missing, and says how a list works', async () => {
		const { error } = await run(items, { binaryField: 'data,data3' }, { binaryMode });
		expect(error?.message).toBe("The input item has no file in 'data3'");
		expect(error?.description).toContain('one item per file');
		expect(recorder.requests).toEqual([]);
	});

	it.each([413, 500])(
		'stops at the first that fails (%i), and says which went out',
		async (status) => {
			let uploads = 0;
			recorder.answers = {
				'enviaAnexo.php': () =>
					uploads++ === 0
						? { text: JSON.stringify(sentText) }
						: { status, text: JSON.stringify({ message: 'grande demais' }) },
			};
			const { error } = await run(
				items,
				{ binaryField: ['data', 'data2', 'a, b'] },
				{ binaryMode },
			);
			expect(contents()).toEqual(both);
			expect(error?.message).toContain(`(status ${status}): grande demais`);
			expect(error?.message.includes('may have been delivered')).toBe(status === 500);
			expect(error?.message).toContain("This was file 2 of 3, 'b.pdf'. Sent before it: 'a.txt'");
			expect(error?.description).toContain("Not sent: 'c.txt'.");
		},
	);
});

it.each([
	['an object without a file', '={{ ({ a: 1 }) }}', 'an object'],
	['a list of lists', '={{ [["data"]] }}', 'a list'],
	['an empty list', '={{ [] }}', 'empty list'],
	['a list with null', '={{ ["data", null] }}', 'null'],
	['nothing', '={{ "" }}', 'is empty'],
])('%s is refused with the name of the field', async (_what, binaryField, reason) => {
	const { error } = await run([{ json: {}, binary: { data: { content: 'x' } } }], { binaryField });
	expect(error?.message).toContain("'Input Binary Field'");
	expect(error?.message).toContain(reason);
	expect(recorder.requests).toEqual([]);
});

it('sends no file again when n8n tries the node again after a later one was refused', async () => {
	let uploads = 0;
	recorder.answers = {
		'enviaAnexo.php': () =>
			uploads++ === 0 ? { text: JSON.stringify(sentText) } : { status: 400, text: '{}' },
	};
	const items = [{ json: {}, binary: { a: { content: 'first' }, b: { content: 'second' } } }];
	const { error } = await run(
		items,
		{ binaryField: 'a,b' },
		{ settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } },
	);
	expect(contents()).toEqual(['first', 'second']);
	expect(error?.message).toContain('Sent before it');
});
