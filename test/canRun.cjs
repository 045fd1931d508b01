'use strict';

/*
 * Runs before `npm start` and `npm test`, and says in one sentence where they cannot run. In a syntax
 * that old versions of Node read, and in npm's own steps before the commands, which begin with a word
 * that Windows does not know.
 */

const fs = require('fs');
const path = require('path');

const OLDEST_NODE = 20;
/** What n8n and its installation take. */
const NEEDED_BYTES = 3e9;

/**
 * @param {{ platform: string, nodeVersion: string, folder: string, freeBytes: number }} machine
 *   `folder` is where n8n will be installed, `freeBytes` what is free there: Infinity if that is
 *   unknown, or if n8n is there already.
 * @returns {string | undefined} undefined where nothing speaks against it
 */
function whyNot(machine) {
	if (machine.platform === 'win32')
		return 'This runs on Linux and macOS only: on Windows, install WSL (wsl --install), clone the repository in it, and run the command there.';
	if (Number(machine.nodeVersion.split('.')[0]) < OLDEST_NODE)
		return `Node ${OLDEST_NODE} or newer is needed; this is Node ${machine.nodeVersion}.`;
	if (machine.freeBytes < NEEDED_BYTES)
		return `n8n takes 3 GB and ${machine.folder} has ${(machine.freeBytes / 1e9).toFixed(1)} GB left: make room, or name a folder on another disk in N8N_HOST_DIR.`;
	return undefined;
}

/** This machine, as `whyNot` takes it. */
function thisMachine() {
	const folder = path.resolve(
		process.env.N8N_HOST_DIR || path.join(path.dirname(__dirname), '.host'),
	);
	return {
		platform: process.platform,
		nodeVersion: process.versions.node,
		folder,
		freeBytes: fs.existsSync(path.join(folder, 'installed.json')) ? Infinity : freeBytesAt(folder),
	};
}

function freeBytesAt(folder) {
	let existing = folder;
	while (!fs.existsSync(existing) && existing !== path.dirname(existing))
		existing = path.dirname(existing);
	try {
		const found = fs.statfsSync(existing);
		return found.bavail * found.bsize;
	} catch {
		// Node before 18.15, or a file system that does not tell.
		return Infinity;
	}
}

module.exports = { whyNot };

if (require.main === module) {
	const reason = whyNot(thisMachine());
	if (reason !== undefined) {
		console.error(reason);
		process.exitCode = 1;
	}
}
