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
	throw new ProviderError('This Node.js has no WebSocket', {
		kind: 'invalid',
		description:
			'Run n8n with Node.js 22 or newer, or start it with NODE_OPTIONS=--experimental-websocket on Node.js 20.',
	});
}
