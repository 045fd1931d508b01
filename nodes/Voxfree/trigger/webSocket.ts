import { ProviderError } from '../../shared/errors';

/** The part of a WebSocket that is used here. Node's global one has it. */
export interface WebSocketLike {
	binaryType: string;
	send(text: string): void;
	close(code?: number): void;
	addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}

/** What the events of a WebSocket carry, each some of it. */
export interface SocketEvent {
	data?: unknown;
	code?: number;
	reason?: string;
	message?: string;
	wasClean?: boolean;
}

/** @throws ProviderError on a Node that has no WebSocket */
export function openGlobalWebSocket(url: string): WebSocketLike {
	requireGlobalWebSocket();
	return new WebSocket(url) as unknown as WebSocketLike;
}

/** @throws ProviderError on a Node that has no WebSocket */
export function requireGlobalWebSocket(): void {
	if (typeof WebSocket !== 'undefined') return;
	throw new ProviderError('The Voxfree Trigger needs n8n to run on Node.js 22 or newer', {
		kind: 'invalid',
		description:
			'Older ones have no WebSocket. On Node.js 20, n8n can also be started with NODE_OPTIONS=--experimental-websocket.',
	});
}
