import type { Manner } from './caller';

/** A request, as it is about to go out. */
interface Outgoing {
	headers: Record<string, string>;
	body: string;
	/** Name of the header that carries the secret, in lower case. */
	secretHeader: string;
}

/** One way in which SimplesDesk, which is the caller here, can misbehave. */
export interface CallerMode {
	title: string;
	group: 'Connection' | 'Request' | 'Secret';
	/** What it comes to, for a person. */
	effect: string;
	/** Uses the delay. */
	timed?: boolean;
	/** Changes the request. */
	spoil?: (request: Outgoing) => void;
	sends?: Manner['sends'];
	/** Asks this many times at once. @default 1 */
	times?: number;
}

export const callerModes = {
	'slow-request': {
		title: 'Request trickles in',
		group: 'Connection',
		effect: 'The body of the request takes its time. The answer counts.',
		timed: true,
		sends: 'trickle',
	},
	'hang-up': {
		title: 'Hangs up before the answer',
		group: 'Connection',
		effect: 'The request is complete, but nobody waits for the answer: nothing is sent.',
		timed: true,
		sends: 'hang-up',
	},
	'half-request': {
		title: 'Hangs up in the middle of the request',
		group: 'Connection',
		effect: 'Half of the body comes, then the connection is cut.',
		sends: 'half',
	},
	twice: {
		title: 'Asks twice, with the same ID',
		group: 'Connection',
		effect: 'Two equal requests at once. Each right answer reaches the contact.',
		times: 2,
	},
	'trailing-commas': {
		title: 'Trailing commas, as the document prints it',
		group: 'Request',
		effect: 'The document’s own sample is no JSON. This is what it would look like.',
		spoil: (request) => {
			request.body = JSON.stringify(JSON.parse(request.body), null, 2).replace(
				/(["}\]\w])(?=\n\s*[}\]])/g,
				'$1,',
			);
		},
	},
	'cut-json': {
		title: 'JSON cut in half',
		group: 'Request',
		effect: 'The body ends in the middle, with a true Content-Length.',
		spoil: (request) => {
			request.body = request.body.slice(0, Math.ceil(request.body.length / 2));
		},
	},
	'empty-body': {
		title: 'Empty body',
		group: 'Request',
		effect: 'A POST without content.',
		spoil: (request) => {
			request.body = '';
		},
	},
	'json-as-text': {
		title: 'JSON sent as text/plain',
		group: 'Request',
		effect: 'The right body under the wrong Content-Type.',
		spoil: (request) => {
			request.headers['Content-Type'] = 'text/plain; charset=utf-8';
		},
	},
	'no-content-type': {
		title: 'No Content-Type',
		group: 'Request',
		effect: 'The right body, without saying what it is.',
		spoil: (request) => {
			delete request.headers['Content-Type'];
		},
	},
	'no-contact': {
		title: 'Contact is missing',
		group: 'Request',
		effect: 'A required field is not there.',
		spoil: (request) => {
			const body = JSON.parse(request.body) as Record<string, unknown>;
			delete body.contact;
			request.body = JSON.stringify(body);
		},
	},
	'unknown-origin': {
		title: 'Origin that is not in the document',
		group: 'Request',
		effect: 'The origin is neither that of a scheduled message nor missing.',
		spoil: (request) => {
			const body = JSON.parse(request.body) as Record<string, unknown>;
			request.body = JSON.stringify({ ...body, origin: 'CAMPAIGN' });
		},
	},
	'no-secret': {
		title: 'Secret header is missing',
		group: 'Secret',
		effect: 'Somebody who does not know the secret.',
		spoil: ({ headers, secretHeader }) => {
			delete headers[secretHeader];
		},
	},
	'wrong-secret': {
		title: 'Secret header is wrong',
		group: 'Secret',
		effect: 'Somebody who guesses the secret.',
		spoil: ({ headers, secretHeader }) => {
			headers[secretHeader] = 'demo-secret-of-somebody-else';
		},
	},
} satisfies Record<string, CallerMode>;

export type CallerModeName = keyof typeof callerModes;
