import { sleep } from 'n8n-workflow';
import { performance } from 'node:perf_hooks';
import { cpuUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import type * as PipelineModule from '../../nodes/Voxfree/trigger/EventPipeline';
import { ensureHost, projectRoot } from '../host/install';
import { buildOnce } from '../support/buildOnce';
import { interleave, randomFrom, type Row } from './rounds';
import { Helper } from './startProvider';

/** Frames a round. */
const FRAMES = 200_000;
/** No round takes longer. */
const LIMIT_MS = 60_000;
/** Frames per second. */
const WANTED = 50_000;
/** How many frames arrive before anything else has its turn. */
const TOGETHER = 50;
const CONVERSATIONS = 200;
const AGENT = '61';
const CHANNEL = 25;
/** What a frame may come again after: another connection, or a provider that repeats itself. */
const REPEATED_WITHIN = 500;

interface Frames {
	texts: string[];
	/** How many of them are to be handed on, with messages of the agent and without. */
	wanted: { all: number; ofOthers: number };
}

const frame = (update: string, conversation: number, fields: object) =>
	JSON.stringify({
		...fields,
		type: 'chat',
		tipo_update: update,
		codid_contato: String(342_000 + conversation),
		protocolo_atual: `202611210${String(conversation).padStart(5, '0')}`,
		agente_responsavel: AGENT,
	});

/**
 * What comes on a busy day. Of a hundred: 60 messages of contacts, 5 of the agent, 10 on a channel
 * that is not wanted, 5 refreshes of the queue, which are not wanted either, 5 conversations that
 * are routed or finished, and 15 that have come before.
 */
function framesOf(random: () => number): Frames {
	const texts: string[] = [];
	const wanted = { all: 0, ofOthers: 0 };
	for (let id = 17_000_000; texts.length < FRAMES; id++) {
		const conversation = Math.floor(random() * CONVERSATIONS);
		const kind = random() * 100;
		const message = (fields: object) =>
			texts.push(frame('new_message', conversation, { id_msg: id, ...fields }));
		if (kind < 60) message({ codid_canal: CHANNEL });
		else if (kind < 65) message({ codid_canal: CHANNEL, fromMe: 1 });
		else if (kind < 75) message({ codid_canal: CHANNEL + 1 });
		else if (kind < 80) texts.push(JSON.stringify({ type: 'chat', tipo_update: 'update_espera' }));
		else if (kind < 85) {
			const update = random() < 0.5 ? 'encaminhado_agente' : 'Finalizar';
			texts.push(frame(update, conversation, { codid_canal: CHANNEL }));
		} else {
			const before = texts[texts.length - 1 - Math.floor(random() * REPEATED_WITHIN)];
			// Of what has no id, two are two.
			if (before?.includes('id_msg') !== true) continue;
			texts.push(before);
			continue;
		}
		if (kind < 65 || kind >= 80) wanted.all++;
		if (kind < 60 || kind >= 80) wanted.ofOthers++;
	}
	return { texts, wanted };
}

/** What is packed: what compiles this file for the moment makes functions slower. */
async function compiledPipeline() {
	await buildOnce();
	const file = join(projectRoot, 'dist', 'nodes', 'Voxfree', 'trigger', 'EventPipeline.js');
	return ((await import(file)) as typeof PipelineModule).EventPipeline;
}

type Pipeline = Awaited<ReturnType<typeof compiledPipeline>>;

/** What a user has set: nothing passes the filter, or all of the channel does, or all but own messages. */
type Kept = 'none' | 'all' | 'ofOthers';

/** A pipeline as the node makes it, but that executions end at once. */
function pipelineOf(EventPipeline: Pipeline, kept: Kept, signal: AbortSignal, onStart: () => void) {
	const runtime = {
		clock: () => performance.now(),
		now: () => Date.now(),
		random: () => Math.random(),
		wait: async (milliseconds: number, enough: AbortSignal) =>
			await sleep(milliseconds, enough).catch(() => {}),
		log: () => {},
		redact: (text: string) => text,
		signal,
	};
	return new EventPipeline(runtime, {
		agentId: AGENT,
		api: {
			listConversations: async () => ({
				entries: [],
				answer: [],
				isWhole: true,
				names: () => false,
			}),
			getNewMessages: async (_conversation, last) => [
				{ codid: String(Number(last) + 1), fromMe: 0 },
			],
		},
		filter: {
			events: new Set(['newMessage', 'routedToAgent', 'finished', 'gap']),
			onlyMine: false,
			contactIds: new Set(kept === 'none' ? ['nobody'] : []),
			channelIds: new Set([String(CHANNEL)]),
			departmentIds: new Set(),
			protocols: new Set(),
		},
		ignoreOwnMessages: kept === 'ofOthers',
		fetchDetails: false,
		compareAfterGap: true,
		compareEvery: 0,
		inFlight: 20,
		queue: 10_000,
		limit: 300_000,
		keyPrefix: 'voxfree:workflow:node',
		nonce: 'bench',
		startExecution: async () => onStart(),
		onBrokenFrame: (message) => {
			throw new Error(message);
		},
		onStaleConnection: (reason) => {
			throw new Error(reason);
		},
		trusted: () => 1,
		completeUntil: () => performance.now(),
		withoutKeys: false,
		saveCheckpoint: () => {},
	});
}

/**
 * Frames per second of processor time, which is what a pipeline takes from n8n: on a machine that has
 * other things to do, more seconds go by than that.
 */
async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
	const before = cpuUsage();
	await work();
	const { user, system } = cpuUsage(before);
	return (count * 1e6) / (user + system);
}

async function listen(of: Pipeline, { texts, wanted }: Frames, kept: Kept) {
	let started = 0;
	const stopped = new AbortController();
	const pipeline = pipelineOf(of, kept, stopped.signal, () => started++);
	const expected = kept === 'none' ? 0 : wanted[kept];
	const end = performance.now() + LIMIT_MS;
	const next = async () => {
		await setImmediate();
		if (performance.now() > end) {
			throw new Error(`${expected} frames were wanted, ${started} came in ${LIMIT_MS} ms.`);
		}
	};
	for (let from = 0; from < texts.length; from += TOGETHER) {
		for (const text of texts.slice(from, from + TOGETHER)) pipeline.onFrame(text, 1);
		await next();
	}
	while (started < expected) await next();
	// Whatever comes now is too much.
	stopped.abort();
	pipeline.close();
	await next();
	if (started !== expected) throw new Error(`${expected} frames were wanted, ${started} came.`);
}

async function parse({ texts }: Frames) {
	for (const text of texts) JSON.parse(text);
}

/** What each contestant did, in frames per second of processor time, one figure a round. */
export type ListeningFigures = Record<'filtering' | 'listener' | 'asking' | 'parse', number[]>;

/** Measures in this process. */
export async function measureListening(rounds: number, seed: number): Promise<ListeningFigures> {
	const random = randomFrom(seed);
	const frames = framesOf(random);
	const compiled = await compiledPipeline();
	const measure = (work: () => Promise<void>) => async () => await perSecond(FRAMES, work);
	return await interleave(
		{
			filtering: measure(async () => await listen(compiled, frames, 'none')),
			listener: measure(async () => await listen(compiled, frames, 'all')),
			asking: measure(async () => await listen(compiled, frames, 'ofOthers')),
			parse: measure(async () => await parse(frames)),
		},
		rounds,
		random,
	);
}

/**
 * How many frames the Voxfree Trigger's pipeline takes, and what parsing alone takes; without n8n, but
 * on the Node.js that it runs on.
 */
export async function framesListened(rounds: number, seed: number): Promise<Row[]> {
	const { node } = await ensureHost();
	const { helper } = await Helper.start('listeningProcess.ts', {
		execPath: node,
		execArgv: ['--import', 'tsx'],
	});
	try {
		const limit = (rounds + 1) * 4 * LIMIT_MS;
		const figures = await helper.ask<ListeningFigures>({ rounds, seed }, limit);
		return rowsOf(figures);
	} finally {
		await helper.stop();
	}
}

function rowsOf(figures: ListeningFigures): Row[] {
	const unit = 'frames/s';
	const parsing = { unit, reference: figures.parse, referenceName: 'JSON.parse alone' };
	const name = 'Voxfree frames parsed, deduplicated, filtered';
	return [
		{
			name,
			unit,
			ours: figures.filtering,
			reference: [WANTED],
			referenceName: 'wanted',
			target: 1,
			note: 'of processor time; the filter lets none through',
		},
		{ name, ours: figures.filtering, ...parsing },
		{
			name: '  and 70 of 100 handed on to executions that end at once',
			ours: figures.listener,
			...parsing,
		},
		{
			name: '  and each message asked for, to leave out own ones',
			ours: figures.asking,
			...parsing,
			note: 'a provider in memory answers at once',
		},
	];
}
