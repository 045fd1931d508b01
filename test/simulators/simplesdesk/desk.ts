/** What a SimplesDesk customer has set up, and the one that the simulator begins with. */

/** `qr`: WhatsApp connected by QR code. `official`: WhatsApp's official API (templates only). */
export type AccountKind = 'qr' | 'official';

export interface Account {
	kind: AccountKind;
	/** Goes out as `clientId`. */
	clientId: number;
	name: string;
}

export interface Contact {
	uid: string;
	/** Phone number, goes out as `key`. */
	key: string;
	name: string;
	/** Segmentation fields: they go out with bot-menu calls only. */
	fields: Record<string, string>;
}

/** A template as WhatsApp approved it. Its variables stand as `{{1}}`, `{{2}}` … in its texts. */
export interface Template {
	name: string;
	language: string;
	status: 'APPROVED' | 'PENDING' | 'REJECTED';
	/** At most one variable. */
	header?: string;
	body: string;
	footer?: string;
	/** In order. `url` may end in the one variable that a button can have. */
	buttons: Array<{ text: string; url?: string }>;
}

/** A menu of the bot that SimplesDesk itself keeps. */
export interface BotMenu {
	uuid: string;
	text: string;
	items: BotMenuItem[];
}

export interface BotMenuItem {
	number: number;
	text: string;
	/** What a choice does: call the integration, open a ticket, or show another menu. */
	does: 'integration' | { departmentUUID: string } | { menuUUID: string };
}

export interface Named {
	uuid: string;
	name: string;
}

export interface Desk {
	accounts: Record<AccountKind, Account>;
	contacts: Contact[];
	/** Of the official account. */
	templates: Template[];
	/** The first one is the initial menu. */
	menus: BotMenu[];
	departments: Named[];
	users: Named[];
}

/** Text with its variables: `{{1}}` of `texts[0]`, and so on. */
export function filled(text: string, texts: string[]): string {
	return text.replace(/\{\{(\d+)\}\}/g, (gap, number: string) => texts[Number(number) - 1] ?? gap);
}

/** How many variables a text of a template has. */
export function variablesIn(text = ''): number {
	return new Set(text.match(/\{\{\d+\}\}/g)).size;
}

/** A fresh copy of the desk that the simulator begins with. Phone numbers are nobody's. */
export function seedDesk(): Desk {
	return structuredClone(seed);
}

const billing = '00000000-0000-4000-8000-000000000d01';
const support = '00000000-0000-4000-8000-000000000d02';

const seed: Desk = {
	accounts: {
		qr: { kind: 'qr', clientId: 72, name: 'Padaria Aurora' },
		official: { kind: 'official', clientId: 73, name: 'Clínica Horizonte' },
	},
	contacts: [
		{
			uid: '15295',
			key: '5513999999999',
			name: 'João da Silva',
			fields: { plano: 'Básico', cidade: 'Santos' },
		},
		{
			uid: '15296',
			key: '5511900000002',
			name: 'Maria Souza',
			fields: { plano: 'Empresa', cidade: 'São Paulo' },
		},
		{ uid: '15297', key: '5521900000003', name: 'Aílton D’Ávila', fields: {} },
	],
	templates: [
		{
			name: 'ticket_activated',
			language: 'pt_BR',
			status: 'APPROVED',
			header: 'Atendimento {{1}}',
			body: 'Olá, {{1}}! Seu chamado {{2}} foi aberto.',
			footer: 'Responda SAIR para não receber mais avisos',
			buttons: [{ text: 'Acompanhar', url: 'https://example.test/chamados/{{1}}' }],
		},
		{
			name: 'invoice_due',
			language: 'pt_BR',
			status: 'APPROVED',
			header: 'Fatura {{1}}',
			body: 'Olá, {{1}}! A fatura de {{2}} vence em {{3}}.',
			buttons: [
				{ text: 'Ver fatura', url: 'https://example.test/faturas/{{1}}' },
				{ text: 'Falar com atendente' },
			],
		},
		{
			name: 'invoice_due',
			language: 'en_US',
			status: 'APPROVED',
			header: 'Invoice {{1}}',
			body: 'Hello {{1}}! The invoice of {{2}} is due on {{3}}.',
			buttons: [
				{ text: 'View invoice', url: 'https://example.test/faturas/{{1}}' },
				{ text: 'Talk to us' },
			],
		},
		{
			name: 'appointment_reminder',
			language: 'pt_BR',
			status: 'APPROVED',
			body: '{{1}}, lembramos da sua consulta em {{2}}.',
			buttons: [],
		},
		{
			name: 'opening_hours',
			language: 'pt_BR',
			status: 'APPROVED',
			body: 'Amanhã abrimos às 9h.',
			buttons: [],
		},
		{
			name: 'spring_sale',
			language: 'pt_BR',
			status: 'PENDING',
			body: '{{1}}, a promoção começou!',
			buttons: [],
		},
	],
	menus: [
		{
			uuid: '00000000-0000-4000-8000-000000000a01',
			text: 'Olá! Como podemos ajudar?',
			items: [
				{ number: 1, text: 'Minhas faturas', does: 'integration' },
				{ number: 2, text: 'Horários', does: { menuUUID: '00000000-0000-4000-8000-000000000a02' } },
				{ number: 3, text: 'Falar com um atendente', does: { departmentUUID: support } },
			],
		},
		{
			uuid: '00000000-0000-4000-8000-000000000a02',
			text: 'Segunda a sexta, das 9h às 18h.',
			items: [
				{ number: 1, text: 'Voltar', does: { menuUUID: '00000000-0000-4000-8000-000000000a01' } },
			],
		},
	],
	departments: [
		{ uuid: billing, name: 'Financeiro' },
		{ uuid: support, name: 'Suporte' },
	],
	users: [
		{ uuid: '00000000-0000-4000-8000-000000000e01', name: 'Ana' },
		{ uuid: '00000000-0000-4000-8000-000000000e02', name: 'Rui' },
	],
};
