import type { Dialect } from './dialects';
import { initialSocketSettings, type SocketSettings } from './eventSocket';
import type { IdForm } from './wire';

/** What the document leaves open, or shows in a form that cannot be. */
export interface Settings extends SocketSettings {
	/** Around a sent message: `[{retorno},{mensagens}]`, one object, or no `retorno`. @default 'array' */
	sendAnswer: 'array' | 'object' | 'messages only';
	/** What stands under the protocol in the answer to a send. @default 'object' */
	sentMessage: 'object' | 'array';
	/** Under which protocol: the document's sample of templates shows another one. @default 'same' */
	templateAnswerKey: 'same' | 'other';
	/** In which words and form every list is answered. @default 'own' */
	answers: Dialect;
	/** Lists shown as pictures, in this simulator's own words: plain, within an object, or as PHP writes an array with gaps. @default 'array' */
	lists: 'array' | 'object' | 'keyed';
	/** How ids are written in answers. `bare`: as numbers, however long. @default 'document' */
	answerIds: Exclude<IdForm, 'text'>;
	/** How failures begin. @default 'falha' */
	failureWord: string;
	/** Text outside the 24 hours: refused, or taken and never delivered. @default 'refuse' */
	outsideWindow: 'refuse' | 'accept';
	/** What is said to whom the server does not know (any more). @default 'agente não encontrado' */
	unknownAgentText: string;
	/** As every other failure of that service, or as the login words it. @default 'own' */
	unknownAgentForm: 'own' | 'login';
	/** Quick replies and tags are served at the second address alone, or at both. @default 'second' */
	services: 'second' | 'both';
	/** Finishing needs a wrap-up code. @default false */
	wrapUpRequired: boolean;
	/** Bytes that an attachment may have; 0 is no limit. @default 0 */
	largestFile: number;
	/** Messages that agents send cause `new_message` as well. @default true */
	ownMessagesTold: boolean;
	/**
	 * Events go to all agents of the company, as the document's "if the agent's id is the same as
	 * agente_responsavel" suggests, or to those alone whom they concern. @default 'everyone'
	 */
	eventsGoTo: 'everyone' | 'concerned';
}

/** The settings of a start, with what the document suggests where nothing was chosen. */
export function initialSettings(options: Partial<Settings>): Settings {
	return {
		sendAnswer: options.sendAnswer ?? 'array',
		sentMessage: options.sentMessage ?? 'object',
		templateAnswerKey: options.templateAnswerKey ?? 'same',
		answers: options.answers ?? 'own',
		lists: options.lists ?? 'array',
		answerIds: options.answerIds ?? 'document',
		failureWord: options.failureWord ?? 'falha',
		outsideWindow: options.outsideWindow ?? 'refuse',
		unknownAgentText: options.unknownAgentText ?? 'agente não encontrado',
		unknownAgentForm: options.unknownAgentForm ?? 'own',
		services: options.services ?? 'second',
		wrapUpRequired: options.wrapUpRequired ?? false,
		largestFile: options.largestFile ?? 0,
		ownMessagesTold: options.ownMessagesTold ?? true,
		eventsGoTo: options.eventsGoTo ?? 'everyone',
		frameIds: options.frameIds ?? initialSocketSettings.frameIds,
		frameForm: options.frameForm ?? initialSocketSettings.frameForm,
		badRegistration: options.badRegistration ?? initialSocketSettings.badRegistration,
		secondSession: options.secondSession ?? initialSocketSettings.secondSession,
		presenceTtl: options.presenceTtl ?? initialSocketSettings.presenceTtl,
		pingEvery: options.pingEvery ?? initialSocketSettings.pingEvery,
		answersPings: options.answersPings ?? initialSocketSettings.answersPings,
	};
}
