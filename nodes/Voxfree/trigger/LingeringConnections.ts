import type { Connection } from './Connection';

/** From so many on, connections are replaced more slowly. */
const MANY = 5;
/** With so many, no further one is opened. */
const TOO_MANY = 10;

/**
 * Connections of one agent that were closed from our side, but whose sockets are still open. A
 * WebSocket of Node waits without end for the server's answer to its close frame, and cannot be ended
 * in any other way.
 */
export class LingeringConnections {
	private readonly sockets = new Set<Promise<void>>();

	/** Closes a connection and counts it until its socket is gone. */
	close(connection: Connection, reason: string): void {
		connection.close(reason);
		const { gone } = connection;
		this.sockets.add(gone);
		void gone.then(() => this.sockets.delete(gone));
	}

	get count(): number {
		return this.sockets.size;
	}

	get isHigh(): boolean {
		return this.count >= MANY;
	}

	get isTooHigh(): boolean {
		return this.count >= TOO_MANY;
	}

	/** Resolves when all that linger now are gone. */
	async end(): Promise<void> {
		await Promise.all(this.sockets);
	}

	/** Resolves when one of those that linger now is gone. */
	async oneEnds(): Promise<void> {
		await Promise.race(this.sockets);
	}
}
