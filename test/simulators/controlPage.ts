import { createServer } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import { systemClock } from './clock';
import type { ControlPanel } from './controlPanel';
import { listen, urlOf } from './frame';
import { gitplePanel } from './gitple/controlPanel';
import { startGitple, type GitpleOptions, type GitpleSimulator } from './gitple/GitpleSimulator';
import { liftyPanel } from './lifty/controlPanel';
import { startLifty, type LiftyOptions, type LiftySimulator } from './lifty/LiftySimulator';
import { omnizePanel } from './omnize/controlPanel';
import { startOmnize, type OmnizeOptions, type OmnizeSimulator } from './omnize/OmnizeSimulator';
import { SiteChat } from './omnize/siteChat';
import { simplesDeskPanel } from './simplesdesk/controlPanel';
import {
	startSimplesDesk,
	type SimplesDeskOptions,
	type SimplesDeskSimulator,
} from './simplesdesk/SimplesDeskSimulator';
import { voxfreePanel } from './voxfree/controlPanel';
import { seedPasswords } from './voxfree/office';
import {
	startVoxfree,
	type VoxfreeOptions,
	type VoxfreeSimulator,
} from './voxfree/VoxfreeSimulator';

export interface ControlPageOptions {
	/** Of the page; the next free one is taken instead of a taken one. @default 4800 */
	port?: number;
	/** For the Omnize simulator. Its port is the one after the page's, or the next free one. */
	omnize?: OmnizeOptions;
	/** For the Gitple simulator. Its port is the second after the page's, or the next free one. */
	gitple?: GitpleOptions;
	/** For the Lifty simulator. Its port is the third after the page's, or the next free one. */
	lifty?: LiftyOptions;
	/** For the SimplesDesk simulator. Its port is the fifth after the page's, or the next free one. */
	simplesDesk?: SimplesDeskOptions;
	/** For the Voxfree simulator. Its ports are the tenth to twelfth after the page's, or later ones. */
	voxfree?: VoxfreeOptions;
	/** The webhook of n8n that gets what customers write in the website chat. */
	customerChannelUrl?: string;
}

export interface ControlPage {
	/** Address of the page, without a slash at its end. */
	url: string;
	omnize: OmnizeSimulator;
	siteChat: SiteChat;
	gitple: GitpleSimulator;
	lifty: LiftySimulator;
	simplesDesk: SimplesDeskSimulator;
	voxfree: VoxfreeSimulator;
	/** Where n8n posts what the website chat shall show. */
	customerChannelReplyUrl: string;
	close(): Promise<void>;
}

/** Starts the simulators and the page from which a person plays them, all on loopback. */
export async function startControlPage(options: ControlPageOptions = {}): Promise<ControlPage> {
	const { port = 4800 } = options;
	const app = express();
	const server = createServer(app);
	await listen(server, port, true);
	const url = urlOf(server);
	const portAfter = (distance: number) => ({
		port: port === 0 ? 0 : Number(new URL(url).port) + distance,
		orNextPort: true,
	});

	const omnize = await startOmnize({ ...portAfter(1), ...options.omnize });
	const siteChat = new SiteChat(options.omnize?.clock ?? systemClock, options.customerChannelUrl);
	const gitple = await startGitple({ ...portAfter(2), ...options.gitple });
	const lifty = await startLifty({ ...portAfter(3), ...options.lifty });
	const simplesDesk = await startSimplesDesk({ ...portAfter(5), ...options.simplesDesk });
	const voxfree = await startVoxfree({
		...portAfter(10),
		servicesPort: portAfter(11).port,
		socketPort: portAfter(12).port,
		...options.voxfree,
	});
	const panels: ControlPanel[] = [
		omnizePanel(omnize, siteChat),
		gitplePanel(gitple),
		liftyPanel(lifty),
		simplesDeskPanel(simplesDesk),
		voxfreePanel(voxfree),
	];

	app.disable('x-powered-by');
	app.use((request, response, next) => {
		// A page that another website opened under its own name must not read or drive this one.
		if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
			response.status(403).json({ error: 'This page answers on 127.0.0.1 only' });
			return;
		}
		response.set({
			'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
			'X-Content-Type-Options': 'nosniff',
			'Cache-Control': 'no-store',
		});
		next();
	});
	app.get('/panels', (_request, response) => {
		response.json(panels.map(({ id, title, module }) => ({ id, title, module })));
	});
	for (const { id, control, open } of panels) {
		app.use(`/control/${id}`, control);
		if (open) app.use(`/${id}`, open);
	}
	app.use(express.static(join(__dirname, 'page')));
	app.use((request, response) => {
		response.status(404).json({ error: `There is nothing at ${request.path}` });
	});

	return {
		url,
		omnize,
		siteChat,
		gitple,
		lifty,
		simplesDesk,
		voxfree,
		customerChannelReplyUrl: `${url}/omnize/customer-channel/messages`,
		close: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await Promise.all([closed, ...panels.map(async (panel) => await panel.close())]);
		},
	};
}

if (require.main === module) {
	void startControlPage().then((page) => {
		console.log(`Control page      ${page.url}`);
		console.log(`Omnize simulator  ${page.omnize.apiUrl}`);
		console.log(`  token           ${page.omnize.token}`);
		console.log(`Gitple simulator  ${page.gitple.apiUrl}`);
		console.log(`  app code        ${page.gitple.setup.appCode}`);
		console.log(`  secret          ${page.gitple.setup.secret}`);
		console.log(`SimplesDesk files  ${page.url}/simplesdesk/assets/`);
		console.log(`Lifty simulator   ${page.lifty.apiUrl}`);
		console.log(`  API key         ${page.lifty.setup.apiKey}`);
		console.log(`  bot tokens      ${page.lifty.bots.map(({ token }) => token).join(', ')}`);
		const [agent] = page.voxfree.state.agents;
		console.log(`Voxfree simulator ${page.voxfree.applicationUrl}`);
		console.log(`  second address  ${page.voxfree.servicesUrl}`);
		console.log(`  socket          ${page.voxfree.socketUrl}`);
		console.log(`  login           ${agent!.login}, ${seedPasswords[agent!.id]}`);
		const stop = () => void page.close().then(() => process.exit(0));
		process.once('SIGINT', stop).once('SIGTERM', stop);
	});
}
