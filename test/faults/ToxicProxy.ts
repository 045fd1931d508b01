import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The eight classic ways in which a network goes wrong. */
export const toxics = [
	'latency',
	'down',
	'bandwidth',
	'slow_close',
	'timeout',
	'reset_peer',
	'slicer',
	'limit_data',
] as const;
export type Toxic = (typeof toxics)[number];

interface Pair {
	client: Socket;
	upstream: Socket;
	/** Bytes from the provider that wait for being passed on. */
	waiting: Buffer[];
	isPumping: boolean;
	/** Bytes that still pass before `limit_data` cuts. */
	left: number;
	hasEnded: boolean;
}

/** A TCP proxy in this process, through which one trigger reaches the provider. */
export class ToxicProxy {
	private readonly pairs = new Set<Pair>();

	private readonly server: Server;

	private toxic: Toxic | undefined;

	private clears: NodeJS.Timeout | undefined;

	constructor(
		private readonly target: number,
		private readonly random: () => number,
	) {
		this.server = createServer((client) => this.accept(client));
	}

	/** @returns the port */
	async listen(): Promise<number> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return (this.server.address() as AddressInfo).port;
	}

	get connections(): number {
		return this.pairs.size;
	}

	/** Makes the network go wrong in one way for a time, in milliseconds. */
	apply(toxic: Toxic, milliseconds: number): void {
		clearTimeout(this.clears);
		this.toxic = toxic;
		for (const pair of this.pairs) {
			if (toxic === 'down') this.cut(pair);
			if (toxic === 'reset_peer') this.reset(pair);
			if (toxic === 'slow_close') setTimeout(() => this.cut(pair), milliseconds / 2);
			if (toxic === 'limit_data') pair.left = Math.floor(this.random() * 2_000);
		}
		this.clears = setTimeout(() => {
			this.toxic = undefined;
			// What went into a black hole does not come out of it.
			if (toxic === 'timeout') return;
			for (const pair of this.pairs) {
				pair.left = Infinity;
				void this.pump(pair);
			}
		}, milliseconds);
	}

	/** Cuts every connection at once and accepts new ones. */
	cutAll(): void {
		for (const pair of this.pairs) this.cut(pair);
	}

	async close(): Promise<void> {
		clearTimeout(this.clears);
		for (const pair of this.pairs) this.cut(pair);
		await new Promise<void>((resolve) => this.server.close(() => resolve()));
	}

	private accept(client: Socket): void {
		if (this.toxic === 'down') {
			client.resetAndDestroy();
			return;
		}
		const upstream = connect(this.target, '127.0.0.1');
		const pair: Pair = {
			client,
			upstream,
			waiting: [],
			isPumping: false,
			left: Infinity,
			hasEnded: false,
		};
		this.pairs.add(pair);
		const swallowed = this.toxic === 'timeout';
		let isHole = swallowed;
		client.on('data', (data) => {
			if (this.toxic === 'timeout') isHole = true;
			if (!isHole) upstream.write(data);
		});
		upstream.on('data', (data) => {
			if (this.toxic === 'timeout') isHole = true;
			if (isHole) return;
			pair.waiting.push(data);
			void this.pump(pair);
		});
		for (const [from, to] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			from.on('error', () => {});
			from.on('end', () => {
				if (!isHole && pair.waiting.length === 0) to.end();
				pair.hasEnded = true;
			});
			from.on('close', () => {
				if (isHole && from === upstream) return;
				if (pair.waiting.length === 0 || from === client) {
					to.destroy();
					this.pairs.delete(pair);
				}
			});
		}
	}

	private cut(pair: Pair): void {
		pair.client.destroy();
		pair.upstream.destroy();
		this.pairs.delete(pair);
	}

	private reset(pair: Pair): void {
		pair.client.resetAndDestroy();
		pair.upstream.resetAndDestroy();
		this.pairs.delete(pair);
	}

	/** Passes on what waits, in the way that the toxic lets it. */
	private async pump(pair: Pair): Promise<void> {
		if (pair.isPumping) return;
		pair.isPumping = true;
		while (pair.waiting.length > 0 && !pair.client.destroyed) {
			let chunk = pair.waiting.shift()!;
			if (this.toxic === 'latency') await pause(100 + this.random() * 400);
			if (this.toxic === 'bandwidth') await pause(chunk.length / 20);
			if (this.toxic === 'slicer' && chunk.length > 1) {
				const size = 1 + Math.floor(this.random() * 50);
				if (chunk.length > size) pair.waiting.unshift(chunk.subarray(size));
				chunk = chunk.subarray(0, size);
				await pause(1);
			}
			if (chunk.length >= pair.left) {
				pair.client.write(chunk.subarray(0, pair.left));
				this.cut(pair);
				break;
			}
			pair.left -= chunk.length;
			pair.client.write(chunk);
		}
		pair.isPumping = false;
		if (pair.hasEnded && pair.waiting.length === 0) this.cut(pair);
	}
}

async function pause(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Numbers from 0 to below 1 that a seed determines. */
export function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
