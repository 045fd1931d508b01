import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { NodeOperationError } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

interface RawRequest {
	rawBody?: Buffer;
	readRawBody?: () => Promise<void>;
}

/**
 * The bytes of a call as they came. n8n leaves the body unread for content types that it does not
 * know, so it is asked for here.
 *
 * @returns an empty buffer where there is no body, or none that can be read any more: n8n takes
 * forms with files apart, and what throws in a webhook leaves a failed execution behind
 */
export async function rawBodyOf(functions: IWebhookFunctions): Promise<Buffer> {
	const request = functions.getRequestObject() as unknown as RawRequest;
	if (request.rawBody === undefined) {
		await request.readRawBody?.().catch((error: unknown) => {
			functions.logger.debug('The body of a call could not be read', { error });
		});
	}
	return request.rawBody ?? Buffer.alloc(0);
}

/** Compares two secrets in a time that tells nothing about where, or in what length, they differ. */
function secretsMatch(given: string, expected: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
	return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Whether a signature is the HMAC-SHA256 of exactly these bytes with one of the secrets. All secrets
 * are tried, so that the time does not tell which of them it was. Empty secrets match nothing.
 *
 * @param signature the bytes of the digest
 */
export function signatureMatches(
	body: Buffer,
	signature: Buffer,
	secrets: readonly string[],
): boolean {
	let matches = false;
	for (const secret of secrets) {
		if (secret.trim() === '') continue;
		const expected = createHmac('sha256', secret).update(body).digest();
		const equal = signature.length === expected.length && timingSafeEqual(signature, expected);
		matches = equal || matches;
	}
	return matches;
}

/**
 * Turns a call away: 401 for the caller, no execution, and one line in n8n's log that says why but
 * repeats nothing of the call.
 */
export function reject(functions: IWebhookFunctions, reason: string): IWebhookResponseData {
	functions.logger.warn(`${functions.getNode().name}: a call was turned away: ${reason}`);
	functions.getResponseObject().status(401).send('Unauthorized').end();
	return { noWebhookResponse: true };
}

/** Accepts a call that the node's settings leave out: 200 for the caller, no execution. */
export function ignore(functions: IWebhookFunctions): IWebhookResponseData {
	functions.getResponseObject().status(200).send('').end();
	return { noWebhookResponse: true };
}

interface Remembered {
	secrets: readonly string[];
	readAt: number;
}

/** Reading a credential costs more than all the rest of a webhook call together. */
const SECRET_KEPT_FOR = 60_000;
/** So often, at most, does a call with a wrong secret make us look whether the secret was changed. */
const READ_AGAIN_AFTER = 1_000;
const MOST_REMEMBERED = 1_000;

const remembered = new Map<string, Remembered>();

/**
 * Puts a call to the test against the secrets in the trigger's credential. They are kept in the
 * process for a minute; before a call is refused they are read again, at most once a second, so
 * that a changed secret holds at once and a flood of forged calls stays cheap.
 *
 * @param fields names of the credential's fields; one that is missing counts as an empty secret
 * @param refusal says why a call fails the test, or nothing where it passes
 * @returns what `refusal` said at last
 */
export async function refusalByCredential(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
	refusal: (secrets: readonly string[]) => string | undefined,
): Promise<string | undefined> {
	const node = functions.getNode();
	const credential = node.credentials?.[credentialType]?.id ?? '';
	const key = [functions.getWorkflow().id, node.id, credential, ...fields].join(':');

	const known = remembered.get(key);
	if (known !== undefined) {
		const age = Date.now() - known.readAt;
		const found = refusal(known.secrets);
		if (age < SECRET_KEPT_FOR && (found === undefined || age < READ_AGAIN_AFTER)) return found;
	}
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = fields.map((field) => {
		const value = credentials[field];
		return typeof value === 'string' ? value : '';
	});
	const oldest = remembered.keys().next();
	if (remembered.size >= MOST_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
	remembered.set(key, { secrets, readAt: Date.now() });
	return refusal(secrets);
}

/** How a call that nobody signs shows that it knows the secret in the trigger's credential. */
type Verification = 'none' | 'header' | 'query';

/** Options of a trigger with the parameter 'verification'. */
interface SecretPlaces {
	headerName?: string;
	queryName?: string;
}

/**
 * The header in which a caller shows the secret, in small letters, as n8n has the names of headers.
 *
 * @param usual where the user has entered none
 */
export function secretHeader({ headerName }: SecretPlaces, usual: string): string {
	return (headerName?.trim() || usual).toLowerCase();
}

/**
 * Puts a call to the test against the 'webhookSecret' in the credential of a trigger whose parameter
 * 'verification' says where the caller shows it. An empty secret matches nothing.
 *
 * @param usual names of header and query parameter where the user has entered none
 * @returns why the call is to be turned away, or nothing where it passes
 */
export async function refusalBySharedSecret(
	functions: IWebhookFunctions,
	credentialType: string,
	options: SecretPlaces,
	usual: Required<SecretPlaces>,
): Promise<string | undefined> {
	const verification = functions.getNodeParameter('verification') as Verification;
	if (verification === 'none') return undefined;
	const headerName = secretHeader(options, usual.headerName);
	const queryName = options.queryName?.trim() || usual.queryName;
	const given =
		verification === 'header'
			? functions.getHeaderData()[headerName]
			: (functions.getQueryData() as IDataObject)[queryName];
	// A repeated parameter arrives as a list; which one counts would be a guess.
	if (typeof given !== 'string' || given === '') {
		return `no secret in the ${verification === 'header' ? 'header' : 'URL'}`;
	}
	return await refusalByCredential(functions, credentialType, ['webhookSecret'], ([secret = '']) =>
		secret.trim() !== '' && secretsMatch(given, secret)
			? undefined
			: 'its secret is not that of the credential',
	);
}

/**
 * The headers of a call for the output of a trigger.
 *
 * @param secretHeaders those that hold secrets besides the ones that always do, in small letters
 */
export function headersWithoutSecrets(
	functions: IWebhookFunctions,
	...secretHeaders: string[]
): IDataObject {
	const hidden = new Set(['authorization', 'cookie', 'proxy-authorization', ...secretHeaders]);
	const headers = Object.entries(functions.getHeaderData() as IDataObject);
	return Object.fromEntries(headers.filter(([name]) => !hidden.has(name)));
}

/** What is shorter can be guessed by trying. */
const SHORTEST_GOOD_SECRET = 16;

/**
 * Checks, when a trigger is activated, the secrets that its calls will be held against. A short one
 * is only remarked on in n8n's log.
 *
 * @param fields the credential's fields that hold them, with the name that each has on the screen;
 * only the first must not be empty
 * @param remedy what to do where it is
 * @throws NodeOperationError also where one has blanks around it, which no caller would send
 */
export async function checkSecrets(
	functions: IHookFunctions,
	credentialType: string,
	fields: Record<string, string>,
	remedy: string,
): Promise<void> {
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = Object.entries(fields).map(([field, title]) => ({
		title,
		secret: String(credentials[field] ?? ''),
	}));
	const [first] = secrets;
	if (first?.secret.trim() === '') {
		throw new NodeOperationError(
			functions.getNode(),
			`The credential has no '${first.title}', so every call would be refused`,
			{ description: remedy },
		);
	}
	for (const { title, secret } of secrets) {
		if (secret === secret.trim()) continue;
		throw new NodeOperationError(
			functions.getNode(),
			`The '${title}' of the credential begins or ends with a blank`,
			{ description: 'Enter it again without blanks around it.' },
		);
	}
	if (secrets.some(({ secret: { length } }) => length > 0 && length < SHORTEST_GOOD_SECRET)) {
		functions.logger.warn(
			`${functions.getNode().name}: the webhook secret is short; use ${SHORTEST_GOOD_SECRET} characters or more`,
		);
	}
}

/**
 * The same for a trigger with the parameter 'verification': a promise of verification that cannot be
 * kept ends when the workflow is published.
 *
 * @throws NodeOperationError as `checkSecrets` does
 */
export async function checkSharedSecret(
	functions: IHookFunctions,
	credentialType: string,
): Promise<void> {
	if ((functions.getNodeParameter('verification') as Verification) === 'none') return;
	await checkSecrets(
		functions,
		credentialType,
		{ webhookSecret: 'Webhook Secret' },
		"Enter a random text of 16 characters or more in the credential, or set 'Verification' to None.",
	);
}

/** The entries of a filter that is written with commas. An expression may yield a single number. */
export function listedIn(list: unknown): string[] {
	return String(list ?? '')
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

/** Whether what a call is about passes such a filter; an empty filter lets all pass. */
export function isWanted(list: unknown, found: readonly string[]): boolean {
	const wanted = listedIn(list);
	return wanted.length === 0 || wanted.some((entry) => found.includes(entry));
}
