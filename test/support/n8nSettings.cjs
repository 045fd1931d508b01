'use strict';

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/*
 * n8n-core reads its settings from the environment while it loads, and writes a settings file.
 * This keeps it from the settings of a real n8n on the same machine, silent, and off any proxy.
 * Node loads it once per process, as it does n8n-core.
 */
const folder = mkdtempSync(join(tmpdir(), 'n8n-harness-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

Object.assign(process.env, {
	N8N_USER_FOLDER: folder,
	N8N_ENCRYPTION_KEY: 'demo-encryption-key-for-tests',
	N8N_LOG_LEVEL: 'silent',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	GENERIC_TIMEZONE: 'UTC',
});
for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
	delete process.env[name];
	delete process.env[name.toLowerCase()];
}
