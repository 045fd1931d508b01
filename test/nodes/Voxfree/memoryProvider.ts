import type { SocketEvent, WebSocketLike } from '../../../nodes/Voxfree/trigger/webSocket';

/** One connection as the provider sees it. */
export class MemoryConnection implements WebSocketLike {
	binaryType = 'blob';

	/** Everything that the client has sent. */
	readonly received: string[] = [];

	state: 'connecting' | 'open' | 'ended' = 'connecting';

	/** Close codes that the client has sent. */
	readonly closedWith: Array<number | undefined> = [];

	private readonly listeners: Record<string, Array<(event: SocketEvent) => void>> = {};

	addEventListener(type: string, listener: (event: SocketEvent) => void): void {
		(this.listeners[type] ??= []).push(listener);
	}

	send(text: string): void {
		if (this.state !== 'open') throw new Error('not open');
		this.received.push(text);
	}

	/** Whether the provider answers the end of a connection, without which a socket stays open. */
	answersClose = true;

	close(code?: number): void {
		this.closedWith.push(code);
		if (this.state === 'connecting' || this.answersClose) this.end(code);
	}

	/** The client has let go of it, or it has ended. */
	get isLetGo(): boolean {
		return this.state === 'ended' || this.closedWith.length > 0;
	}

	private tell(type: string, event: SocketEvent): void {
		for (const listener of this.listeners[type] ?? []) listener(event);
	}

	open(): void {
		if (this.state !== 'connecting') return;
		this.state = 'open';
		this.tell('open', {});
	}

	/** Not heard once the client is closing it, as with every WebSocket. */
	say(data: unknown): void {
		if (this.state === 'open' && !this.isLetGo) this.tell('message', { data });
	}

	end(code = 1006, reason = ''): void {
		if (this.state === 'ended') return;
		this.state = 'ended';
		this.tell('close', { code, reason });
	}

	/** As Node 20 does when an upgrade is refused: no close event. */
	refuse(): void {
		if (this.state === 'ended') return;
		this.state = 'ended';
		this.tell('error', { message: 'Received network error or non-101 status code.' });
	}
}

/** A provider without a network: the test decides what becomes of each connection. */
export class MemoryProvider {
	readonly connections: MemoryConnection[] = [];

	/** What happens to a new connection at once. */
	onConnection: (connection: MemoryConnection) => void = () => {};

	connect = (): MemoryConnection => {
		const connection = new MemoryConnection();
		this.connections.push(connection);
		queueMicrotask(() => this.onConnection(connection));
		return connection;
	};

	get last(): MemoryConnection {
		return this.connections.at(-1)!;
	}

	/** Connections that are open and that the client holds on to. */
	get held(): MemoryConnection[] {
		return this.connections.filter((connection) => !connection.isLetGo);
	}
}
