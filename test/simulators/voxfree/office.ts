import type { ReceivedFile } from './upload';

/** What a Voxfree client company has. All ids are text. Times are ISO. */
export interface Office {
	agents: Agent[];
	departments: Department[];
	channels: Channel[];
	contacts: Contact[];
	/** Oldest first; the last 500 that are finished, and all others. */
	conversations: Conversation[];
	tags: Tag[];
	quickReplies: QuickReply[];
	wrapUpCodes: WrapUpCode[];
	templates: Template[];
	/** Contacts that belong to an agent in a department ("carteirização"). */
	portfolio: PortfolioEntry[];
	/** By agent id: how often he was let in. */
	logins: Record<string, number>;
	refusedLogins: number;
}

export interface Agent {
	id: string;
	/** `user@client` */
	login: string;
	/** MD5 of the password, lower-case hex: all that the provider ever gets. */
	passwordHash: string;
	name: string;
	departments: string[];
	online: boolean;
	/** `alterar_senha` is 1: he must change it. */
	mustChangePassword?: boolean;
	/** `Chave2fatores`, which comes with the login when two-factor is on. */
	twoFactorCode?: string;
	/** He has a telephone; its password comes with the login. */
	extension?: { number: string; password: string };
	/** @default true */
	usesOmnichannel?: boolean;
}

export interface Department {
	id: string;
	name: string;
	/** `carteirizacao`: contacts may be bound to an agent. */
	loyalty: boolean;
	mayDelete: boolean;
	mayReadDeleted: boolean;
}

export type ChannelKind = 'whatsapp-official' | 'whatsapp-qr' | 'instagram' | 'facebook';

export interface Channel {
	id: string;
	name: string;
	kind: ChannelKind;
	departments: string[];
	/** Number or name that customers see. */
	device: string;
}

/** A person, or a group: the API gives groups ids of the same kind. */
export interface Contact {
	id: string;
	name: string;
	number: string;
	email: string;
	note: string;
	isGroup?: boolean;
}

export interface Conversation {
	/** "protocolo": digits, up to 18. */
	protocol: string;
	/** "codid_protocolo": what starting a conversation answers, and nothing else takes. */
	databaseId: string;
	contactId: string;
	channelId: string;
	departmentId: string;
	state: 'waiting' | 'active' | 'finished';
	/** Who has it, or had it last; who it waits for, when `state` is waiting. */
	agentId: string | null;
	startedAt: string;
	finishedAt?: string;
	wrapUpCode?: string;
	tagIds: string[];
	/** For the next attendant; customers never see them. */
	notes: Array<{ at: string; agentId: string; text: string }>;
	/** Oldest first; the last 10,000. */
	messages: Message[];
}

export interface Message {
	/** "codid" */
	id: string;
	/** "id", of WhatsApp; null until it was handed over. */
	apiId: string | null;
	at: string;
	from: 'customer' | 'agent';
	type: 'text' | 'template' | 'image' | 'audio' | 'video' | 'document';
	subtype: 'reply' | 'forward' | null;
	replyTo: string | null;
	text: string | null;
	file?: ReceivedFile;
	/** Set when the file can be fetched from the simulator. */
	fileKey?: string;
	/** "lido": 0 not sent, 1 sent, 2 read. */
	read: 0 | 1 | 2;
	/** "status_api": whether WhatsApp took it. */
	accepted: boolean;
	deleted: boolean;
}

export interface Tag {
	id: string;
	name: string;
	departmentId: string;
	/** null: the department's own, which nobody can change through the API. */
	ownerId: string | null;
}

export interface QuickReply {
	id: string;
	title: string;
	text: string;
	departmentId: string;
	ownerId: string | null;
}

export interface WrapUpCode {
	id: string;
	name: string;
	departmentId: string;
	ownerId: string | null;
}

export interface Template {
	id: string;
	name: string;
	channelId: string;
	image: string | null;
	text: string;
}

export interface PortfolioEntry {
	id: string;
	contactId: string;
	departmentId: string;
	agentId: string;
	at: string;
}

/** The company id that every call carries. */
export const CLIENT_ID = '1';

/** The passwords of `seedOffice`, by agent id. */
export const seedPasswords: Record<string, string> = {
	'61': 'demo-password-1',
	'60': 'demo-password-2',
	'7204': 'demo-password-3',
	'62': 'demo-password-4',
};

/** An office with something of every kind, and nobody waiting. `hash` makes a password's hash. */
export function seedOffice(hash: (password: string) => string): Office {
	const password = (id: string) => ({ passwordHash: hash(seedPasswords[id]!) });
	return {
		agents: [
			{
				id: '61',
				login: 'ana.souza@demo',
				...password('61'),
				name: 'Ana Souza',
				departments: ['9', '10'],
				online: false,
			},
			{
				id: '60',
				login: 'bruno.lima@demo',
				...password('60'),
				name: 'Bruno Lima',
				departments: ['9'],
				online: true,
			},
			{
				id: '7204',
				login: 'carla.dias@demo',
				...password('7204'),
				name: 'Carla Dias',
				departments: ['10', '11'],
				online: false,
				extension: { number: '2101', password: 'demo-sip-password' },
			},
			{
				id: '62',
				login: 'davi.rocha@demo',
				...password('62'),
				name: 'Davi Rocha',
				departments: ['11'],
				online: false,
				mustChangePassword: true,
				twoFactorCode: '000000',
			},
		],
		departments: [
			{ id: '9', name: 'Atendimento', loyalty: true, mayDelete: true, mayReadDeleted: false },
			{ id: '10', name: 'Financeiro', loyalty: false, mayDelete: false, mayReadDeleted: true },
			{ id: '11', name: 'Vendas', loyalty: true, mayDelete: false, mayReadDeleted: false },
		],
		channels: [
			{
				id: '25',
				name: 'WhatsApp Oficial',
				kind: 'whatsapp-official',
				departments: ['9', '10'],
				device: '551130000025',
			},
			{
				id: '26',
				name: 'WhatsApp da loja (QR)',
				kind: 'whatsapp-qr',
				departments: ['9', '11'],
				device: '551130000026',
			},
			{
				id: '27',
				name: 'Instagram',
				kind: 'instagram',
				departments: ['9'],
				device: 'demo.instagram',
			},
			{ id: '28', name: 'Facebook', kind: 'facebook', departments: ['10'], device: 'demo.page' },
		],
		contacts: [
			contact('30', 'João Batista', '5511900000030', 'joao@example.test'),
			contact('31', 'Marília Gonçalves', '5511900000031', ''),
			contact('342284', 'Núbia Araújo', '5511900342284', 'nubia@example.test'),
			{ ...contact('900', 'Condomínio Sol Nascente', ''), isGroup: true },
		],
		conversations: [
			{
				protocol: '20231123303151',
				databaseId: '395348',
				contactId: '30',
				channelId: '25',
				departmentId: '9',
				state: 'finished',
				agentId: '60',
				startedAt: '2023-11-23T13:00:00.000Z',
				finishedAt: '2023-11-23T13:20:00.000Z',
				wrapUpCode: '22',
				tagIds: ['53'],
				notes: [],
				messages: [
					{
						id: '17808238',
						apiId: 'DEMO0000000000A1',
						at: '2023-11-23T13:00:00.000Z',
						from: 'customer',
						type: 'text',
						subtype: null,
						replyTo: null,
						text: 'Bom dia, qual é o horário de vocês?',
						read: 2,
						accepted: true,
						deleted: false,
					},
					{
						id: '17808239',
						apiId: 'DEMO0000000000A2',
						at: '2023-11-23T13:05:00.000Z',
						from: 'agent',
						type: 'text',
						subtype: null,
						replyTo: null,
						text: '*Bruno Lima*: \nDas 9 às 18 h, de segunda a sexta.',
						read: 2,
						accepted: true,
						deleted: false,
					},
				],
			},
		],
		tags: [
			{ id: '52', name: 'Retornar contato', departmentId: '9', ownerId: null },
			{ id: '53', name: 'Urgente', departmentId: '9', ownerId: null },
			{ id: '54', name: 'Cliente VIP', departmentId: '9', ownerId: '61' },
			{ id: '55', name: 'Reclamação', departmentId: '9', ownerId: '60' },
			{ id: '56', name: 'Boleto', departmentId: '10', ownerId: null },
		],
		quickReplies: [
			{
				id: '1301',
				title: 'Saudação',
				text: 'Olá! Como posso ajudar?',
				departmentId: '9',
				ownerId: null,
			},
			{
				id: '1302',
				title: 'Prazo',
				text: 'O prazo é de 3 dias úteis.',
				departmentId: '9',
				ownerId: '61',
			},
			{
				id: '1303',
				title: 'Despedida',
				text: 'Até logo!',
				departmentId: '9',
				ownerId: '60',
			},
		],
		wrapUpCodes: [
			{ id: '22', name: 'Resolvido', departmentId: '9', ownerId: null },
			{ id: '23', name: 'Cliente não respondeu', departmentId: '9', ownerId: null },
			{ id: '24', name: 'Boleto enviado', departmentId: '10', ownerId: null },
			{ id: '25', name: 'Venda fechada', departmentId: '11', ownerId: null },
		],
		templates: [
			{
				id: '80',
				name: 'demo_retomar_conversa',
				channelId: '25',
				image: null,
				text: 'Olá! Podemos continuar o seu atendimento?',
			},
			{
				id: '84',
				name: 'demo_atendimento_financeiro',
				channelId: '25',
				image: 'https://files.example.test/boleto.png',
				text: 'O seu boleto está disponível. Responda para recebê-lo.',
			},
		],
		portfolio: [
			{
				id: '1635',
				contactId: '31',
				departmentId: '9',
				agentId: '61',
				at: '2023-11-20T12:00:00.000Z',
			},
		],
		logins: {},
		refusedLogins: 0,
	};
}

const contact = (id: string, name: string, number: string, email = ''): Contact => ({
	id,
	name,
	number,
	email,
	note: '',
});
