import { ProviderSimulator, Refusal, type Answer, type LoggedRequest } from '../frame';
import type { SimulatorOptions } from '../frame';
import type { Delivery } from '../deliveries';
import { readCall, type Customer, type OmnizeCall, type OmnizeTrigger } from './wire';

/** The path of the API, as the document has it. */
export const API_PATH = '/client-gateway/api/rest/v1';

export interface OmnizeOptions extends SimulatorOptions, Partial<Settings> {}

/** What a person would set in Omnize's own screens, and two things that the document leaves open. */
export interface Settings {
	/** @default 'demo-omnize-token' */
	token: string;
	webhookUrl: string | undefined;
	/** Sent along with every trigger, for instance a shared secret. */
	webhookHeaders: Record<string, string>;
	/** Plays the agents by itself. @default undefined, off */
	autoAgent: AutoAgent | undefined;
	/** The document does not show the answer: a bare list, or one inside `departments`. */
	departmentsShape: 'list' | 'object';
}

export interface AutoAgent {
	/** Milliseconds from the start of an interaction until an agent accepts it. */
	acceptAfterMs: number;
	/** What the agent answers to a message; undefined for no answer. */
	reply?: (text: string) => string | undefined;
}

export interface Department {
	id: string;
	name: string;
}

export interface Agent {
	id: string;
	name: string;
	departmentIds: string[];
	online: boolean;
}

export interface Interaction {
	number: number;
	clientId: string;
	departmentId: string;
	botId?: string;
	/** As it came in the request. */
	customer: Customer;
	/** The first two are open, the last two are over. */
	state: 'queued' | 'accepted' | 'unavailable' | 'finished';
	agentId?: string;
	finishedBy?: 'agent' | 'customer';
	customerTyping: boolean;
	agentTyping: boolean;
	/** The last 200. */
	messages: Array<{ from: 'customer' | 'agent'; text: string; at: string }>;
	startedAt: string;
}

export interface OmnizeState {
	departments: Department[];
	agents: Agent[];
	/** Oldest first; the last 500 that are over, and all that are open. */
	interactions: Interaction[];
}

const seed = (): OmnizeState => ({
	departments: [
		{ id: '1', name: 'Suporte técnico' },
		{ id: '2', name: 'Vendas' },
		{ id: '3', name: 'Cobrança' },
		{ id: '4', name: 'Informações e sugestões' },
	],
	agents: [
		{ id: 'a1', name: 'Ana Conceição', departmentIds: ['1', '2'], online: true },
		{ id: 'a2', name: 'Bruno Leão', departmentIds: ['2', '3'], online: true },
		{ id: 'a3', name: 'Cláudia Araújo', departmentIds: ['4'], online: false },
	],
	interactions: [],
});

/**
 * The Omnize ClientApi as its document describes it: six calls on one address, six triggers. The
 * document shows no answers, no errors and no rules for what may follow what. Those are this
 * simulator's choices, marked where they are made; its answers follow the style of the vendor's
 * later API (`{ status, message }`).
 */
export class OmnizeSimulator extends ProviderSimulator {
	private current = seed();
	private settings: Settings;
	private count = 0;

	constructor(private readonly options: OmnizeOptions = {}) {
		super('Omnize', options);
		this.settings = initialSettings(options);
		this.route('post', API_PATH, (request) => this.handle(request));
	}

	/** The full address of the API: what belongs into a client's settings. */
	get apiUrl() {
		return this.url + API_PATH;
	}

	get token() {
		return this.settings.token;
	}

	/** A copy of departments, agents and interactions. */
	get state(): OmnizeState {
		return structuredClone(this.current);
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings, webhookHeaders: { ...this.settings.webhookHeaders } };
	}

	/** Where triggers go to, or undefined for nowhere. Refuses what is not an http address. */
	setWebhookUrl(url: string | undefined) {
		if (url && !/^https?:\/\/[^/]/.test(url)) {
			throw new Refusal(400, `"${url}" is not an http or https address`);
		}
		this.set({ webhookUrl: url || undefined });
	}

	/** Headers for every trigger: a real Omnize sends none, a proxy in front of n8n may add some. */
	setWebhookHeaders(headers: Record<string, string>) {
		for (const [name, value] of Object.entries(headers)) {
			if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
				throw new Refusal(400, `"${name}" cannot be sent as a header`);
			}
		}
		this.set({ webhookHeaders: headers });
	}

	setAutoAgent(autoAgent: AutoAgent | undefined) {
		this.set({ autoAgent });
	}

	setDepartmentsShape(departmentsShape: Settings['departmentsShape']) {
		this.set({ departmentsShape });
	}

	/** Lets an agent come or go. Whoever waits in a queue goes on waiting. */
	setAgentOnline(agentId: string, online: boolean) {
		const agent = this.current.agents.find(({ id }) => id === agentId);
		if (!agent) throw new Refusal(404, `There is no agent "${agentId}"`);
		agent.online = online;
		this.changed();
	}

	/** An agent (of those online in the department, unless named) takes a waiting interaction. */
	async agentAccept(clientId: string, agentId?: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'queued');
		const candidates = this.onlineAgents(interaction.departmentId);
		const agent = agentId ? candidates.find(({ id }) => id === agentId) : candidates[0];
		if (!agent) throw new Refusal(409, 'No such agent of this department is online');
		interaction.state = 'accepted';
		interaction.agentId = agent.id;
		return await this.trigger(interaction, { status: 'accepted' });
	}

	async agentType(clientId: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'accepted');
		interaction.agentTyping = true;
		return await this.trigger(interaction, { status: 'typing' });
	}

	async agentStopTyping(clientId: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'accepted');
		interaction.agentTyping = false;
		return await this.trigger(interaction, { status: 'cleared' });
	}

	async agentSay(clientId: string, text: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'accepted');
		if (!text) throw new Refusal(400, 'The message is empty');
		this.addMessage(interaction, 'agent', text);
		return await this.trigger(interaction, { message: text });
	}

	async agentFinish(clientId: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'accepted');
		this.finish(interaction, 'agent');
		return await this.trigger(interaction, { status: 'finish' });
	}

	/** Tells a waiting client that nobody is there. That ends the interaction. */
	async unavailable(clientId: string): Promise<Delivery> {
		const interaction = this.openInteraction(clientId, 'queued');
		interaction.state = 'unavailable';
		return await this.trigger(interaction, { status: 'unavailable' });
	}

	/** Delivers a trigger that is not in the document, to see how a receiver takes it. */
	async sendTrigger(body: unknown): Promise<Delivery> {
		return await this.deliver(this.settings.webhookUrl, body, this.settings.webhookHeaders);
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
	}

	protected override clear() {
		this.current = seed();
		this.count = 0;
	}

	protected override errorBody(status: number, message: string) {
		return { status, message };
	}

	private handle({ headers, body }: LoggedRequest): Answer {
		// The document names no header; a JSON body has to be announced as such.
		if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
			throw new Refusal(415, 'The Content-Type must be application/json');
		}
		const call = readCall(body, this.settings.token);
		const answer = this.perform(call);
		this.changed();
		return answer;
	}

	private perform(call: OmnizeCall): Answer {
		if (call.name === 'departments') {
			const { departments } = this.current;
			const list = this.settings.departmentsShape === 'list';
			return { status: 200, body: list ? departments : { departments } };
		}
		if (call.name === 'init') return this.startInteraction(call);

		const interaction = this.openInteraction(call.clientId);
		if (interaction.departmentId !== call.departmentId) {
			const { clientId, departmentId } = call;
			throw new Refusal(
				404,
				`Client ${clientId} has no open interaction in department ${departmentId}`,
			);
		}
		switch (call.name) {
			case 'message':
				this.addMessage(interaction, 'customer', call.text);
				return done('Message sent', () => void this.playReply(interaction, call.text));
			case 'typing':
				interaction.customerTyping = true;
				return done('Typing');
			case 'cleared':
				interaction.customerTyping = false;
				return done('Typing cleared');
			case 'finish':
				// No trigger: the document has one for "Agent finish interaction" only.
				this.finish(interaction, 'customer');
				return done('Interaction finished');
		}
	}

	private startInteraction(call: Extract<OmnizeCall, { name: 'init' }>): Answer {
		const { departmentId, clientId, botId, customer } = call;
		if (!this.current.departments.some(({ id }) => id === departmentId)) {
			throw new Refusal(404, `There is no department ${departmentId}`);
		}
		if (this.findOpen(clientId)) {
			throw new Refusal(409, `Client ${clientId} already has an open interaction`);
		}
		const interaction: Interaction = {
			number: ++this.count,
			clientId,
			departmentId,
			...(botId !== undefined && { botId }),
			customer,
			state: 'queued',
			customerTyping: false,
			agentTyping: false,
			messages: [],
			startedAt: this.clock.now().toISOString(),
		};
		this.current.interactions.push(interaction);
		this.forgetOld();
		if (this.onlineAgents(departmentId).length > 0) {
			return done('Interaction queued', () => void this.playAccept(interaction));
		}
		interaction.state = 'unavailable';
		return done('Interaction queued', () => {
			void this.trigger(interaction, { status: 'unavailable' });
		});
	}

	private async trigger(
		{ clientId, botId }: Interaction,
		event: { status: string } | { message: string },
	): Promise<Delivery> {
		this.changed();
		const body = { ...event, clientId, ...(botId !== undefined && { botId }) } as OmnizeTrigger;
		const { webhookUrl, webhookHeaders } = this.settings;
		return await this.deliver(webhookUrl, body, webhookHeaders, clientId);
	}

	private async playAccept(interaction: Interaction) {
		const { autoAgent } = this.settings;
		if (!autoAgent || !(await this.wait(autoAgent.acceptAfterMs))) return;
		const nobody = this.onlineAgents(interaction.departmentId).length === 0;
		if (interaction.state !== 'queued' || nobody) return;
		await this.agentAccept(interaction.clientId);
		for (const { from, text } of [...interaction.messages]) {
			if (from === 'customer') await this.playReply(interaction, text);
		}
	}

	private async playReply(interaction: Interaction, text: string) {
		// A reset may have come between two replies.
		const isCurrent = this.findOpen(interaction.clientId) === interaction;
		if (!isCurrent || interaction.state !== 'accepted') return;
		const reply = this.settings.autoAgent?.reply?.(text);
		if (reply) await this.agentSay(interaction.clientId, reply);
	}

	private addMessage(interaction: Interaction, from: 'customer' | 'agent', text: string) {
		// Who has sent what he wrote has stopped typing, whether or not he says so.
		if (from === 'customer') interaction.customerTyping = false;
		else interaction.agentTyping = false;
		interaction.messages.push({ from, text, at: this.clock.now().toISOString() });
		if (interaction.messages.length > 200) interaction.messages.shift();
	}

	private finish(interaction: Interaction, finishedBy: 'agent' | 'customer') {
		interaction.state = 'finished';
		interaction.finishedBy = finishedBy;
		interaction.customerTyping = false;
		interaction.agentTyping = false;
	}

	private findOpen(clientId: string) {
		return this.current.interactions.findLast(
			(interaction) => interaction.clientId === clientId && isOpen(interaction),
		);
	}

	private openInteraction(clientId: string, state?: 'queued' | 'accepted'): Interaction {
		const interaction = this.findOpen(clientId);
		if (!interaction) throw new Refusal(404, `Client ${clientId} has no open interaction`);
		if (state && interaction.state !== state) {
			const now = state === 'queued' ? 'was accepted already' : 'has not been accepted yet';
			throw new Refusal(409, `The interaction of client ${clientId} ${now}`);
		}
		return interaction;
	}

	private onlineAgents(departmentId: string) {
		return this.current.agents.filter(
			({ online, departmentIds }) => online && departmentIds.includes(departmentId),
		);
	}

	private forgetOld() {
		const over = this.current.interactions.filter((interaction) => !isOpen(interaction));
		if (over.length <= 500) return;
		const oldest = over[0];
		this.current.interactions = this.current.interactions.filter((other) => other !== oldest);
	}

	private set(change: Partial<Settings>) {
		this.settings = { ...this.settings, ...change };
		this.changed();
	}
}

/** Starts an Omnize simulator on loopback. */
export async function startOmnize(options: OmnizeOptions = {}): Promise<OmnizeSimulator> {
	const simulator = new OmnizeSimulator(options);
	await simulator.start(options);
	return simulator;
}

function initialSettings(options: OmnizeOptions): Settings {
	return {
		token: options.token ?? 'demo-omnize-token',
		webhookUrl: options.webhookUrl,
		webhookHeaders: options.webhookHeaders ?? {},
		autoAgent: options.autoAgent,
		departmentsShape: options.departmentsShape ?? 'list',
	};
}

const isOpen = ({ state }: Interaction) => state === 'queued' || state === 'accepted';

// The document shows no answer to any call.
const done = (message: string, afterwards?: () => void): Answer => ({
	status: 200,
	body: { status: 200, message },
	afterwards,
});
