import { createServer } from 'node:http';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { StartedPlugin } from './controlPanel';
import { listen, urlOf } from './frame';
import { plugins } from './plugins';

type Plugins = typeof plugins;
type StartOf<Name extends keyof Plugins> = Plugins[Name]['start'];
type PartsOf<Name extends keyof Plugins> = Awaited<ReturnType<StartOf<Name>>>['parts'];
/** What is all members of a union at once. */
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
	all: infer All,
) => void
	? All
	: never;

/** Options of the page, and of each provider's simulator under the provider's name. */
export type ControlPageOptions = {
	/** Of the page; the next free one is taken instead of a taken one. @default 4800 */
	port?: number;
} & { [Name in keyof Plugins]?: Parameters<StartOf<Name>>[1] };

/** The running page, with the simulators under their names. */
export type ControlPage = {
	/** Address of the page, without a slash at its end. */
	url: string;
	/** What a person needs to use the simulators by hand. */
	addresses: Array<[name: string, value: string]>;
	close(): Promise<void>;
} & AllOf<PartsOf<keyof Plugins>>;

/** Starts the simulators and the page from which a person plays them, all on loopback. */
export async function startControlPage(options: ControlPageOptions = {}): Promise<ControlPage> {
	const { port = 4800 } = options;
	const app = express();
	const server = createServer(app);
	await listen(server, port, true);
	const pageUrl = urlOf(server);
	const place = {
		pageUrl,
		port: (distance: number) => ({
			port: port === 0 ? 0 : Number(new URL(pageUrl).port) + distance,
			orNextPort: true,
		}),
	};

	app.disable('x-powered-by');
	app.use(guard);
	app.get('/panels', (_request, response) => {
		response.json(
			Object.values(plugins).map(({ id, title }) => ({ id, title, module: `${id}.js` })),
		);
	});
	const started: Array<StartedPlugin<object>> = [];
	for (const name of Object.keys(plugins) as Array<keyof Plugins>) {
		const { id, start } = plugins[name];
		const plugin = await (start as StartOf<'omnize'>)(place, options[name]);
		const { control, open } = plugin.panel;
		app.use(`/control/${id}`, control);
		if (open) app.use(`/${id}`, open);
		started.push(plugin);
	}
	app.use('/lit-html', express.static(join(__dirname, '../../node_modules/lit-html')));
	app.use(express.static(join(__dirname, 'page')));
	app.use((request, response) => {
		response.status(404).json({ error: `There is nothing at ${request.path}` });
	});

	return {
		...(Object.assign({}, ...started.map(({ parts }) => parts)) as AllOf<PartsOf<keyof Plugins>>),
		url: pageUrl,
		addresses: started.flatMap(({ addresses }) => addresses),
		close: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await Promise.all([closed, ...started.map(async ({ panel }) => await panel.close())]);
		},
	};
}

/** A page that another website opened under its own name must not read or drive this one. */
function guard(request: Request, response: Response, next: NextFunction) {
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
}

if (require.main === module) {
	void startControlPage().then((page) => {
		for (const [name, value] of [['Control page', page.url], ...page.addresses]) {
			console.log(`${name!.padEnd(20)}${value}`);
		}
		const stop = () => void page.close().then(() => process.exit(0));
		process.once('SIGINT', stop).once('SIGTERM', stop);
	});
}
