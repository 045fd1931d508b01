import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { GitpleApi } from '../../../credentials/GitpleApi.credentials';
import { GitpleTrigger } from '../../../nodes/Gitple/GitpleTrigger.node';
import { decodeSignature, signatureMatches } from '../../../nodes/shared/webhook/signature';
import { callWebhook, type WebhookRequest } from '../../support';
import close from '../../fixtures/gitple/session_state_close.json';
import { base64Digest, hexDigest, signed } from './signing';

const SECRET = 'demo-webhook-secret-of-gitple';
const OLD = 'demo-previous-secret-of-gitple';
const OTHER = 'demo-secret-of-somebody-else';

const BODY = Buffer.from(JSON.stringify(close));
const hex = hexDigest(BODY, SECRET);
const base64 = base64Digest(BODY, SECRET);
const good = `sha256=${hex}`;

let nodes = 0;

interface Call {
	/** Value of X-Hub-Signature; several for a repeated header, none to leave it out. */
	header?: string | string[];
	body?: Buffer | string;
	contentType?: string;
	headers?: Record<string, string>;
	query?: Record<string, string>;
	encoding?: 'auto' | 'base64' | 'hex';
	secret?: string;
	previous?: string;
}

/** One call to a node that nobody has called before. */
async function call(given: Call) {
	const { header, body = BODY, contentType = 'application/json', query } = given;
	const headers = {
		...(contentType === '' ? {} : { 'content-type': contentType }),
		...(header === undefined ? {} : { 'x-hub-signature': header }),
		...given.headers,
	} as WebhookRequest['headers'];
	return await callWebhook({
		node: GitpleTrigger,
		nodeId: `signature-${nodes++}`,
		credentialTypes: [GitpleApi],
		credentials: {
			gitpleApi: {
				webhookSecret: given.secret ?? SECRET,
				previousWebhookSecret: given.previous ?? '',
			},
		},
		parameters: {
			events: ['session_state_close', 'other'],
			options: given.encoding === undefined ? {} : { signatureEncoding: given.encoding },
		},
		request: { rawBody: body, headers, query },
	});
}

/** Bytes that are no UTF-8, inside JSON and all alone. */
const LATIN1 = Buffer.from('{"type":"session_state_close","note":"caf\xe9 \xff"}', 'latin1');
const RAW_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const LONE_CONTINUATION = Buffer.from([0x22, 0x80, 0x22]);
const OVERLONG = Buffer.from([0x22, 0xc0, 0xaf, 0x22]);
const WITH_BOM = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY]);

const accepted: Array<[string, Call]> = [
	['hex', { header: good }],
	['upper-case hex', { header: `sha256=${hex.toUpperCase()}` }],
	['hex in mixed case', { header: `sha256=${hex.slice(0, 30).toUpperCase()}${hex.slice(30)}` }],
	['base64', { header: `sha256=${base64}` }],
	['hex where only hex is taken', { header: good, encoding: 'hex' }],
	['base64 where only base64 is taken', { header: `sha256=${base64}`, encoding: 'base64' }],
	['either', { header: `sha256=${base64}`, encoding: 'auto' }],
	['the name of the header in capitals', { headers: { 'X-HUB-SIGNATURE': good } }],
	['blanks around the header, which HTTP removes', { header: `  ${good}\t` }],
	['no content type', { header: good, contentType: '' }],
	['a content type that n8n does not read', { header: good, contentType: 'application/x-gitple' }],
	['octets', { header: good, contentType: 'application/octet-stream' }],
	['text', { header: good, contentType: 'text/plain' }],
	['a charset', { header: good, contentType: 'application/json; charset=utf-8' }],
	['a query', { header: good, query: { secret: 'x' } }],
	['other signatures in other headers', { header: good, headers: { 'x-hub-signature-256': 'x' } }],
	['the previous secret', { header: signed(BODY, OLD), previous: OLD }],
	['the current secret beside a previous one', { header: good, previous: OLD }],
	[
		'base64 with the previous secret',
		{ header: `sha256=${base64Digest(BODY, OLD)}`, previous: OLD },
	],
	...(
		[
			['JSON with a byte order mark', WITH_BOM],
			['JSON in Latin-1', LATIN1],
			['a lone continuation byte', LONE_CONTINUATION],
			['an overlong encoding', OVERLONG],
			['line ends and blanks', Buffer.from('\r\n {\t"type" : "x" }\n\n')],
			['keys that come twice', Buffer.from('{"type":"a","type":"b"}')],
			['escapes', Buffer.from('{"type":"\\u0061\\/\\u00e9"}')],
			['emoji and Hangul', Buffer.from('{"type":"🙂 안녕하세요"}')],
			['numbers that JSON would write otherwise', Buffer.from('{"n":1.0,"m":1e2,"k":-0}')],
			['a number beyond 2^53', Buffer.from('{"n":9007199254740993}')],
			['a list', Buffer.from('[1]')],
			['null', Buffer.from('null')],
			['a single byte', Buffer.from('0')],
		] as Array<[string, Buffer]>
	).flatMap(
		([name, body]): Array<[string, Call]> => [
			[`a body of ${name}`, { body, header: signed(body, SECRET) }],
			[
				`a body of ${name}, in base64`,
				{ body, header: `sha256=${base64Digest(body, SECRET)}`, contentType: '' },
			],
		],
	),
	[
		'all 256 bytes',
		{ body: RAW_BYTES, header: signed(RAW_BYTES, SECRET), contentType: 'application/octet-stream' },
	],
	[
		'a secret with umlauts',
		{ secret: 'dëmö-sécret-ключ-비밀', header: signed(BODY, 'dëmö-sécret-ключ-비밀') },
	],
	[
		'a secret of 200 characters',
		{ secret: 's'.repeat(200), header: signed(BODY, 's'.repeat(200)) },
	],
	['a secret that is short', { secret: 'demo', header: signed(BODY, 'demo') }],
];

const flipped = (text: string, at: number) =>
	text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

/** The same digest with other spare bits in its last letter, which lax decoders take for the same. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const respelt = (by: number) =>
	base64.slice(0, 42) + ALPHABET[ALPHABET.indexOf(base64[42] ?? '') ^ by] + '=';

const sha1 = createHmac('sha1', SECRET).update(BODY).digest('hex');
const sha512 = createHmac('sha512', SECRET).update(BODY).digest('hex');

const refused: Array<[string, Call]> = [
	['no header', {}],
	['an empty header', { header: '' }],
	['a blank header', { header: '  ' }],
	['the prefix alone', { header: 'sha256=' }],
	['no prefix', { header: hex }],
	['base64 without a prefix', { header: base64 }],
	['the prefix twice', { header: `sha256=${good}` }],
	...[
		'SHA256=',
		'Sha256=',
		'sha1=',
		'sha512=',
		'sha-256=',
		'sha256:',
		'sha256==',
		'sha256 =',
		'sha256= ',
		'hmac-sha256=',
		'=',
		'v1=',
		'sha256=0x',
	].map((prefix): [string, Call] => [`the prefix ${prefix}`, { header: prefix + hex }]),
	...[1, 2, 8, 16, 31, 32, 40, 62, 63].map((length): [string, Call] => [
		`only ${length} digits`,
		{ header: `sha256=${hex.slice(0, length)}` },
	]),
	...['0', '00', hex, '=', 'g', ' 00', ';', ',', '%00'].map((more): [string, Call] => [
		`more behind it: ${more.slice(0, 4)}`,
		{ header: good + more },
	]),
	...[0, 1, 15, 31, 32, 47, 62, 63].map((at): [string, Call] => [
		`another digit at ${at}`,
		{ header: `sha256=${flipped(hex, at)}` },
	]),
	...[0, 31, 62, 63].flatMap((at) =>
		['g', 'z', ' ', '-'].map((character): [string, Call] => [
			`'${character}' at ${at}, where a parser may stop`,
			{ header: `sha256=${hex.slice(0, at)}${character}${hex.slice(at + 1)}` },
		]),
	),
	['digits in the wrong order', { header: `sha256=${[...hex].reverse().join('')}` }],
	['zeros', { header: `sha256=${'0'.repeat(64)}` }],
	['effs', { header: `sha256=${'f'.repeat(64)}` }],
	['base64 of zeros', { header: `sha256=${Buffer.alloc(32).toString('base64')}` }],
	['base64 without its end', { header: `sha256=${base64.slice(0, 43)}` }],
	['base64 with too much of an end', { header: `sha256=${base64}=` }],
	['base64 one letter short', { header: `sha256=${base64.slice(1)}` }],
	...[1, 2, 3].map((by): [string, Call] => [
		`base64 respelt in its spare bits (${by})`,
		{ header: `sha256=${respelt(by)}` },
	]),
	['base64 with blanks', { header: `sha256=${base64.slice(0, 20)} ${base64.slice(21)}` }],
	['base64 of the hex', { header: `sha256=${Buffer.from(hex).toString('base64')}` }],
	['hex of the base64', { header: `sha256=${Buffer.from(base64).toString('hex')}` }],
	['percent encoding', { header: encodeURIComponent(good) }],
	['quotes', { header: `"${good}"` }],
	['base64 where only hex is taken', { header: `sha256=${base64}`, encoding: 'hex' }],
	['hex where only base64 is taken', { header: good, encoding: 'base64' }],
	['the header twice', { header: [good, good] }],
	['a wrong header before the right one', { header: ['sha256=00', good] }],
	['a wrong header behind the right one', { header: [good, 'sha256=00'] }],
	['an empty header beside the right one', { header: ['', good] }],
	['two joined by a comma', { header: `${good},${good}` }],
	['two joined by a comma and a blank', { header: `sha256=00, ${good}` }],
	['two joined by a semicolon', { header: `${good};${good}` }],
	['two joined by a blank', { header: `${good} ${good}` }],
	['one joined with nothing', { header: `${good}, ` + ',' }],
	['the newer header alone', { headers: { 'x-hub-signature-256': good } }],
	['another header', { headers: { 'x-signature': good } }],
	['the signature in the Authorization header', { headers: { authorization: good } }],
	['the signature in the URL', { query: { 'x-hub-signature': good } }],
	['SHA-1', { header: `sha1=${sha1}` }],
	['SHA-1 under the right prefix', { header: `sha256=${sha1}` }],
	['SHA-512 under the right prefix', { header: `sha256=${sha512}` }],
	['half of SHA-512', { header: `sha256=${sha512.slice(0, 64)}` }],
	['a hash without a key', { header: `sha256=${createHash('sha256').update(BODY).digest('hex')}` }],
	[
		'a hash of secret and body',
		{ header: `sha256=${createHash('sha256').update(SECRET).update(BODY).digest('hex')}` },
	],
	['key and body changed about', { header: signed(SECRET, BODY.toString()) }],
	['another secret', { header: signed(BODY, OTHER) }],
	['an empty secret', { header: signed(BODY, '') }],
	['the secret in capitals', { header: signed(BODY, SECRET.toUpperCase()) }],
	['the secret with a blank', { header: signed(BODY, `${SECRET} `) }],
	['the secret with a line end', { header: signed(BODY, `${SECRET}\n`) }],
	['the start of the secret', { header: signed(BODY, SECRET.slice(0, -1)) }],
	['the word undefined as secret', { header: signed(BODY, 'undefined') }],
	['a previous secret that is not set', { header: signed(BODY, OLD) }],
	['another secret than the two', { header: signed(BODY, OTHER), previous: OLD }],
	['an empty secret beside two', { header: signed(BODY, ''), previous: OLD }],
	['blank as previous secret', { header: signed(BODY, '   '), previous: '   ' }],
	['no secret, empty key', { secret: '', header: signed(BODY, '') }],
	['no secret, good signature', { secret: '', header: good }],
	['a blank secret', { secret: '  ', header: signed(BODY, '  ') }],
	['a secret of a line end', { secret: '\n', header: signed(BODY, '\n') }],
	['no secret but a previous one', { secret: '', previous: OLD, header: signed(BODY, OLD) }],
	['no body, signed', { body: '', header: signed('', SECRET) }],
	['no body, unsigned', { body: '' }],
	['no body, with the signature of another', { body: '', header: good }],
	...(
		[
			['re-serialised with indents', JSON.stringify(close, null, 2)],
			[
				'with other order of keys',
				JSON.stringify(Object.fromEntries(Object.entries(close).reverse())),
			],
			['with a line end', `${BODY.toString()}\n`],
			['with a blank before', ` ${BODY.toString()}`],
			['with a byte order mark', WITH_BOM],
			['without its last byte', BODY.subarray(0, -1)],
			['with escapes', BODY.toString().replace('agent', '\\u0061gent')],
			['with another key', JSON.stringify({ ...close, admin: true })],
			['with one letter changed', BODY.toString().replace('sss', 'sst')],
			['in UTF-16', Buffer.from(BODY.toString(), 'utf16le')],
			['twice', Buffer.concat([BODY, BODY])],
			['inside a list', `[${BODY.toString()}]`],
			['as a form', new URLSearchParams({ payload: BODY.toString() }).toString()],
		] as Array<[string, string | Buffer]>
	).map(([name, body]): [string, Call] => [
		`the body ${name}`,
		{ body, header: good, contentType: '' },
	]),
	[
		'bytes signed as the text that they would become',
		{ body: LATIN1, header: signed(LATIN1.toString('utf8'), SECRET) },
	],
	[
		'text signed as bytes that read the same',
		{ body: LATIN1.toString('utf8'), header: signed(LATIN1, SECRET) },
	],
	[
		'a form with files',
		{
			body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
			header: good,
			contentType: 'multipart/form-data; boundary=x',
		},
	],
	[
		'a form with files, and a signature of nothing',
		{
			body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
			header: signed('', SECRET),
			contentType: 'multipart/form-data; boundary=x',
		},
	],
];

it('has at least 120 cases', () => {
	expect(accepted.length + refused.length).toBeGreaterThanOrEqual(120);
});

describe('a call is accepted with', () => {
	it.each(accepted)('%s', async (_name, given) => {
		const { response, workflowData, logs, thrown } = await call(given);
		expect(thrown).toBeUndefined();
		expect(response).toMatchObject({ status: 200, text: '' });
		expect(workflowData?.[0]).toHaveLength(1);
		expect(logs).toEqual([]);
	});
});

describe('a call is refused with', () => {
	it.each(refused)('%s', async (_name, given) => {
		const { response, workflowData, logs, thrown } = await call(given);
		expect(thrown).toBeUndefined();
		expect(response).toMatchObject({ status: 401, text: 'Unauthorized' });
		expect(workflowData).toBeUndefined();
		expect(logs.filter(({ level }) => level !== 'debug')).toEqual([
			{ level: 'warn', message: expect.stringMatching(/^Node: Webhook request rejected: [\w ]+$/) },
		]);
		for (const telling of [hex.slice(0, 8), base64.slice(0, 8), SECRET, 'session_query_id'])
			expect(JSON.stringify(logs)).not.toContain(telling);
	});
});

it('refuses a call without a header before it reads the credential, however long the body', async () => {
	const body = Buffer.alloc(15 * 1024 * 1024, 0x20);
	const { response, credentialFetches } = await call({ body, contentType: 'text/plain' });
	expect(response.status).toBe(401);
	expect(credentialFetches).toEqual({});
});

describe('100,000 mutations', () => {
	const accepts = (header: string, body: Buffer) => {
		const signature = decodeSignature(header, 'auto');
		return signature !== undefined && signatureMatches(body, signature, [SECRET, OLD]);
	};

	type Edit = { kind: number; at: number; byte: number; length: number };
	const edit = fc.record({
		kind: fc.nat(6),
		at: fc.nat(10_000),
		byte: fc.nat(255),
		length: fc.integer({ min: 1, max: 40 }),
	});

	function apply(bytes: Buffer, { kind, at, byte, length }: Edit): Buffer {
		const place = at % (bytes.length + 1);
		const before = bytes.subarray(0, place);
		const [one] = [Buffer.from([byte])];
		switch (kind) {
			case 0:
				return Buffer.concat([before, one, bytes.subarray(place + 1)]);
			case 1:
				return Buffer.concat([before, one, bytes.subarray(place)]);
			case 2:
				return Buffer.concat([before, bytes.subarray(place + length)]);
			case 3:
				return before;
			case 4:
				return Buffer.concat([
					before,
					bytes.subarray(place, place + length),
					bytes.subarray(place),
				]);
			case 5: {
				const changed = Buffer.from(bytes);
				if (place < bytes.length) changed[place] = (changed[place] ?? 0) ^ (1 << byte % 8);
				return changed;
			}
			default:
				return Buffer.concat([bytes.subarray(place), before]);
		}
	}

	it('of header and body let none in', () => {
		const headers = [good, `sha256=${base64}`, signed(BODY, OLD), `sha256=${hex.toUpperCase()}`];
		const spellings = new Set([`sha256=${base64}`, `sha256=${base64Digest(BODY, OLD)}`]);
		const rightHex = new Set([hex, hexDigest(BODY, OLD)]);
		const isRight = (header: string) =>
			spellings.has(header) ||
			(header.startsWith('sha256=') && rightHex.has(header.slice(7).toLowerCase()));
		let tried = 0;
		let unchanged = 0;
		fc.assert(
			fc.property(
				fc.nat(headers.length - 1),
				fc.constantFrom('header', 'body', 'both'),
				fc.array(edit, { minLength: 1, maxLength: 4 }),
				(which, part, edits) => {
					let header = headers[which] ?? '';
					let body = BODY;
					for (const one of edits) {
						if (part !== 'body')
							header = apply(Buffer.from(header, 'latin1'), one).toString('latin1');
						if (part !== 'header') body = apply(body, one);
					}
					// Some edits undo each other, or change nothing but the case of a digit.
					const same = body.equals(BODY) && isRight(header);
					if (same) unchanged++;
					else tried++;
					return accepts(header, body) === same;
				},
			),
			{ numRuns: 110_000 },
		);
		expect(tried).toBeGreaterThanOrEqual(100_000);
		expect(unchanged).toBeLessThan(10_000);
	});
});
