import type { Delivery } from '../deliveries';
import {
	ProviderSimulator,
	Refusal,
	type Answer,
	type LoggedRequest,
	type SimulatorOptions,
} from '../frame';

export interface SampleDeskOptions extends SimulatorOptions, Partial<Settings> {}

/** What a person would set in SampleDesk's own screens. */
interface Settings {
	/** @default 'demo-sampledesk-key' */
	apiKey: string;
	webhookUrl: string | undefined;
}

interface Message {
	id: string;
	customerId: string;
	text: string;
}

/** SampleDesk's API as its document describes it. What the document leaves open is marked. */
export class SampleDeskSimulator extends ProviderSimulator {
	private messages: Message[] = [];
	private settings: Settings;

	constructor(private readonly options: SampleDeskOptions = {}) {
		super('SampleDesk', options);
		this.settings = initialSettings(options);
		this.route('get', '/v1/account', (request) => this.account(request));
		this.route('post', '/v1/messages', (request) => this.takeMessage(request));
	}

	/** The full address of the API: what belongs into a client's settings. */
	get apiUrl() {
		return `${this.url}/v1`;
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings };
	}

	/** A copy of what was sent to customers, oldest first. */
	get sent(): Message[] {
		return structuredClone(this.messages);
	}

	/** Where events go to, or undefined for nowhere. Refuses what is not an http address. */
	setWebhookUrl(url: string | undefined) {
		if (url && !/^https?:\/\/[^/]/.test(url)) {
			throw new Refusal(400, `"${url}" is not an http or https address`);
		}
		this.settings.webhookUrl = url || undefined;
		this.changed();
	}

	/** A customer writes. */
	async customerSays(customerId: string, text: string): Promise<Delivery> {
		if (!text) throw new Refusal(400, 'The message is empty');
		const event = { type: 'message', from: customerId, text };
		return await this.deliver(this.settings.webhookUrl, event, {}, customerId);
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
	}

	protected override clear() {
		this.messages = [];
	}

	protected override errorBody(_status: number, message: string) {
		return { error: message };
	}

	private account(request: LoggedRequest): Answer {
		this.checkKey(request);
		return { status: 200, body: { name: 'Demo account' } };
	}

	private takeMessage(request: LoggedRequest): Answer {
		this.checkKey(request);
		const { to, text } = (request.body ?? {}) as Record<string, unknown>;
		if (typeof to !== 'string' || typeof text !== 'string' || !to || !text) {
			throw new Refusal(400, '"to" and "text" must be texts');
		}
		const message = { id: `m${this.messages.length + 1}`, customerId: to, text };
		this.messages.push(message);
		this.changed();
		return { status: 200, body: { id: message.id } };
	}

	private checkKey({ headers }: LoggedRequest) {
		if (headers.authorization !== `Bearer ${this.settings.apiKey}`) {
			throw new Refusal(401, 'The API key is wrong');
		}
	}
}

/** Starts the simulator on loopback. */
export async function startSampleDesk(
	options: SampleDeskOptions = {},
): Promise<SampleDeskSimulator> {
	const simulator = new SampleDeskSimulator(options);
	await simulator.start(options);
	return simulator;
}

const initialSettings = ({ apiKey, webhookUrl }: SampleDeskOptions): Settings => ({
	apiKey: apiKey ?? 'demo-sampledesk-key',
	webhookUrl,
});
