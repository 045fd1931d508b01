import type { IExecuteFunctions, IPollFunctions } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import { openConnection } from '../../shared/http/client';
import { passesEgressFilter } from '../../shared/http/foreignLink';
import type { Request, RequestLimits } from '../../shared/http/types';
import type { Redactor } from '../../shared/redact';
import { baseUrlFrom } from '../../shared/text';
import { LiftyApi } from './LiftyApi';
import type { Links } from './LiftyApi';
import { checkedLink, linkFrom, pastCaches, refusedByFilter, withKey } from './links';

/**
 * Makes Lifty's calls with the credential of this node.
 *
 * @param limits of its requests
 */
export async function connectLifty(
	functions: IExecuteFunctions | IPollFunctions,
	limits: RequestLimits = {},
): Promise<{ api: LiftyApi; redact: Redactor; hasSent: () => boolean }> {
	const { credentials, request, hasSent, redact, redactData } = await openConnection(functions, {
		provider: 'Lifty',
		credentialType: 'liftyApi',
		secretFields: ['apiKey'],
		...limits,
	});
	const field = (name: string) => String(credentials[name] ?? '').trim();
	const gateway = addressIn(credentials.baseUrl);
	const messages = addressIn(credentials.messageUrl) || gateway;
	const key = field('apiKey');

	const follow: Links['follow'] = async (link, answer) => {
		// If Lifty itself put the key into a link to its own host, the link works only with the key,
		// which goes nowhere new.
		const { url, isOwn } = checkedLink(withKey(link, key), new URL(gateway));
		if (!isOwn) {
			if (link.length > 1) throw holdsKey(url);
			if (!(await passesEgressFilter(functions, url))) throw refusedByFilter(url);
		}
		return await request({
			method: 'GET',
			url: (answer === 'bytes' ? pastCaches(url, Date.now()) : url).href,
			purpose: 'read',
			answer,
			anonymous: true,
			...(answer === 'bytes' ? { headers: { Accept: 'image/*' } } : {}),
		});
	};
	const checked: Request = async (call) => {
		if (key !== '') return await request(call);
		throw invalidInput('The credential has no API Key', 'Nothing was sent.');
	};
	return {
		api: new LiftyApi(
			checked,
			{ keep: (link) => linkFrom(link, key, redactData), follow },
			{ gateway, messages },
			field('botId'),
		),
		redact,
		hasSent,
	};
}

/** People copy the address from the document with a part of its path. */
function addressIn(field: unknown): string {
	return baseUrlFrom(field).replace(/\/integration$/, '');
}

function holdsKey(url: URL): ProviderError {
	return new ProviderError(`Lifty returned a link (${url.host}) that must not be followed`, {
		kind: 'invalid',
		description:
			'It was not followed because it would send the API key to a host other than that of the credential.',
	});
}
