'use strict';

/*
 * Loaded into the n8n process before n8n itself (node --require).
 *
 * 1. The process ends when the one that started it is gone, however that one died: a killed test
 *    run leaves no n8n behind.
 * 2. With LOOPBACK_ONLY_LOG set, connections to anything but this machine are refused and noted in
 *    that file, so that "no outbound traffic" is enforced and can be asserted.
 * 3. With LOCAL_HOSTS_ONLY set, its servers answer nothing but requests for this machine's names: a
 *    page on the web could otherwise give its own name this machine's address, and use n8n with it.
 */

const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');

const GRACE_MS = 5_000;

if (process.channel) {
	process.once('disconnect', () => {
		process.kill(process.pid, 'SIGTERM');
		setTimeout(() => process.kill(-process.pid, 'SIGKILL'), GRACE_MS).unref();
	});
	process.channel.unref();
}

/** The host and port that Socket.connect is asked for; undefined for a local socket file. */
function targetOf(args) {
	const [first, second] = Array.isArray(args[0]) ? args[0] : args;
	if (typeof first === 'object' && first !== null)
		return first.path ? undefined : { host: first.host ?? 'localhost', port: first.port };
	if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
	return { host: typeof second === 'string' ? second : 'localhost', port: first };
}

function isLoopback(host) {
	return /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?|::ffff:127(\.\d+){3}|0\.0\.0\.0|::)$/i.test(
		host,
	);
}

const refusedLog = process.env.LOOPBACK_ONLY_LOG;
if (refusedLog) {
	const connect = net.Socket.prototype.connect;
	net.Socket.prototype.connect = function (...args) {
		const target = targetOf(args);
		if (!target || isLoopback(target.host)) return connect.apply(this, args);
		const where = `${target.host}:${target.port}`;
		fs.appendFileSync(refusedLog, `${where}\n`);
		const error = Object.assign(
			new Error(`connect ECONNREFUSED ${where}: this n8n only talks to this machine`),
			{ code: 'ECONNREFUSED', syscall: 'connect', address: target.host, port: target.port },
		);
		process.nextTick(() => this.destroy(error));
		return this;
	};
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

if (process.env.LOCAL_HOSTS_ONLY) {
	const { emit } = http.Server.prototype;
	http.Server.prototype.emit = function (event, request, ...rest) {
		const isCall = event === 'request' || event === 'upgrade' || event === 'checkContinue';
		if (!isCall || LOCAL_HOST.test(request.headers.host ?? ''))
			return emit.call(this, event, request, ...rest);
		request.socket.destroy();
		return true;
	};
}
