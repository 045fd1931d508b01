/** What a Gitple workspace holds, and the one that the simulator begins with. */

export interface Agent {
	id: string;
	identifier: string;
	name: string;
	email: string;
	role: 'spAdmin' | 'spUser';
	groups: string[];
}

export interface AgentGroup {
	id: string;
	name: string;
	agents: string[];
}

/** The user object of the document, exactly: it goes out as it stands here. */
export interface User {
	id: string;
	/** Of an anonymous user: the e-mail address. */
	identifier: string;
	anonymous: boolean;
	name: string;
	email: string;
	phone: string;
	lang: Language;
	groups: string[];
	tags: string[];
	meta: Record<string, string>;
}

export const languages = ['ko', 'en', 'ja', 'zh', 'vi'] as const;
export type Language = (typeof languages)[number];

/** A tag of users or of sessions. */
export interface Tag {
	id: string;
	name: string;
}

export interface UserGroup {
	id: string;
	name: string;
	code: string;
}

/** `parent` is null at the top of a tree; `root` is then the category itself. */
export interface Category {
	id: string;
	name: string;
	parent: string | null;
	root: string;
}

/** One answer of the form that an agent fills in when he closes a session. */
export interface SessionMeta {
	type: 'input' | 'select';
	name: string;
	/** A list has one entry per depth of the selection, in order. */
	value: string | Array<{ name: string; value: string }> | null;
}

export interface SessionMessage {
	id: string;
	senderType: 'agent' | 'user' | 'bot' | 'sys';
	/** The document has both kinds. */
	senderId: string | number;
	/** A text, a link (`m` is its kind, `u` its address), or an emoticon. */
	content: string | { l: { m: string; u: string } } | { e: { alt: string } };
	ctime: string;
}

export interface Session {
	id: string;
	state: 'open' | 'inprogress' | 'close';
	openTime: string;
	inprogressTime?: string;
	closeTime?: string;
	/** Of its end: any text. Only "userCancel" and "agent" are known. */
	reason?: string;
	userId: string;
	assigneeType?: 'agent' | 'bot';
	assigneeId?: string;
	categories: string[];
	tags: string[];
	note?: string;
	meta?: SessionMeta[];
	/** The last 200. */
	messages: SessionMessage[];
}

/** What a user got through the API: a message in the chat, or a notification. */
export interface Received {
	at: string;
	type: 'message' | 'notification';
	lang: Language;
	content: HookPart[];
}

/** One part of what POST /hooks carries: text, a link, buttons. */
export interface HookPart {
	t?: string;
	l?: { u: string; m?: string };
	a?: Array<{ p: 'button'; t: string; c: { l: { u: string } } }>;
}

/** What an agent typed under "Send Message" in the customer view. */
export interface ExternalMessage {
	at: string;
	agentId: string;
	text: string;
}

export interface Workspace {
	agents: Agent[];
	/** Who may be assigned besides agents. The API has no list of them. */
	bots: Array<{ id: string; name: string }>;
	agentGroups: AgentGroup[];
	users: User[];
	userGroups: UserGroup[];
	userTags: Tag[];
	sessionTags: Tag[];
	categories: Category[];
	/** Oldest first; the last 500 that are closed, and all others. */
	sessions: Session[];
	/** By user id; the last 200 of each. */
	received: Record<string, Received[]>;
	/** By user id; the last 200 of each. */
	externalMessages: Record<string, ExternalMessage[]>;
}

/** A workspace with something of every kind. Its past sessions began long ago. */
export const seedWorkspace = (): Workspace => ({
	agents: [
		{
			id: 'agent-1',
			identifier: 'ana',
			name: 'Ana Conceição',
			email: 'ana@example.com',
			role: 'spAdmin',
			groups: ['agroup-1'],
		},
		{
			id: 'agent-2',
			identifier: 'minjun',
			name: 'Kim Min-jun',
			email: 'minjun@example.com',
			role: 'spUser',
			groups: ['agroup-1', 'agroup-2'],
		},
		{
			id: 'agent-3',
			identifier: 'claudia',
			name: 'Cláudia Araújo',
			email: 'claudia@example.com',
			role: 'spUser',
			groups: [],
		},
	],
	bots: [{ id: 'bot-1', name: 'Welcome bot' }],
	agentGroups: [
		{ id: 'agroup-1', name: 'Support', agents: ['agent-1', 'agent-2'] },
		{ id: 'agroup-2', name: 'Sales', agents: ['agent-2'] },
	],
	users: [
		{
			id: 'user-1',
			identifier: 'customer-1001',
			anonymous: false,
			name: 'João Batista',
			email: 'joao@example.com',
			phone: '11988776655',
			lang: 'en',
			groups: ['ugroup-1'],
			tags: ['utag-1', 'utag-2'],
			meta: { plan: 'gold', city: 'São Paulo' },
		},
		{
			id: 'user-2',
			identifier: 'customer-1002',
			anonymous: false,
			name: 'Park Seo-yeon',
			email: 'seoyeon@example.com',
			phone: '01098765432',
			lang: 'ko',
			groups: ['ugroup-1', 'ugroup-2'],
			tags: [],
			meta: { city: '서울' },
		},
		{
			id: 'user-3',
			identifier: 'visitor@example.com',
			anonymous: true,
			name: 'visitor',
			email: 'visitor@example.com',
			phone: '',
			lang: 'ja',
			groups: [],
			tags: ['utag-2'],
			meta: {},
		},
	],
	userGroups: [
		{ id: 'ugroup-1', name: 'Customers', code: 'CUST' },
		{ id: 'ugroup-2', name: 'Partners', code: 'PART' },
	],
	userTags: [
		{ id: 'utag-1', name: 'Important' },
		{ id: 'utag-2', name: 'Newsletter' },
	],
	sessionTags: [
		{ id: 'stag-1', name: 'Refund' },
		{ id: 'stag-2', name: 'Delivery' },
		{ id: 'stag-3', name: 'Praise' },
	],
	categories: [
		{ id: 'cat-1', name: 'Orders', parent: null, root: 'cat-1' },
		{ id: 'cat-2', name: 'Returns', parent: 'cat-1', root: 'cat-1' },
		{ id: 'cat-3', name: 'Account', parent: null, root: 'cat-3' },
	],
	sessions: [
		{
			id: 'session-1',
			state: 'close',
			openTime: '2019-04-29T08:57:15.878Z',
			inprogressTime: '2019-04-29T08:57:15.943Z',
			closeTime: '2019-04-29T09:05:56.000Z',
			reason: 'userCancel',
			userId: 'user-1',
			assigneeType: 'agent',
			assigneeId: 'agent-1',
			categories: ['cat-1', 'cat-2'],
			tags: ['stag-1', 'stag-2'],
			note: 'Wants his money back',
			meta: [
				{ type: 'input', name: 'Order', value: 'A-17' },
				{
					type: 'select',
					name: 'Product',
					value: [
						{ name: 'Group', value: 'Shoes' },
						{ name: 'Item', value: 'Boots' },
					],
				},
				{ type: 'select', name: 'Branch', value: null },
			],
			messages: [
				{
					id: 'message-1',
					senderType: 'sys',
					senderId: 'sys',
					content: 'The session has begun',
					ctime: '2019-04-29T08:57:15.878Z',
				},
				{
					id: 'message-2',
					senderType: 'bot',
					senderId: 1,
					content: 'Welcome! An agent will be with you in a moment.',
					ctime: '2019-04-29T08:57:15.900Z',
				},
				{
					id: 'message-3',
					senderType: 'user',
					senderId: 'user-1',
					content: 'The boots do not fit, não servem 😕',
					ctime: '2019-04-29T08:58:02.100Z',
				},
				{
					id: 'message-4',
					senderType: 'user',
					senderId: 'user-1',
					content: { l: { m: 'image/png', u: 'https://files.example.test/boots.png' } },
					ctime: '2019-04-29T08:58:30.000Z',
				},
				{
					id: 'message-5',
					senderType: 'agent',
					senderId: 'agent-1',
					content: { e: { alt: ':sorry:' } },
					ctime: '2019-04-29T08:59:00.000Z',
				},
			],
		},
	],
	received: {},
	externalMessages: {},
});
