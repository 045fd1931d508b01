import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * n8n-core reads its settings from the environment while it loads, and writes a settings file.
 * Import this before anything of n8n, so that it never touches the settings of a real n8n on the
 * same machine, stays silent, and sends nothing through a proxy.
 */
const n8nFolder = mkdtempSync(join(tmpdir(), 'n8n-harness-'));

Object.assign(process.env, {
	N8N_USER_FOLDER: n8nFolder,
	N8N_ENCRYPTION_KEY: 'demo-encryption-key-for-tests',
	N8N_LOG_LEVEL: 'silent',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	GENERIC_TIMEZONE: 'UTC',
});
for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
	delete process.env[name];
	delete process.env[name.toLowerCase()];
}

const removeFolder = () => rmSync(n8nFolder, { recursive: true, force: true });
// Inside jest the folder goes with the test file; elsewhere (a benchmark) with the process.
if (typeof afterAll === 'function') afterAll(removeFolder);
else process.on('exit', removeFolder);

/**
 * Requires a package as n8n-core does. n8n-core may have its own copies of the packages that it
 * shares with others; its container and its logger are only in that copy.
 */
export const requireFromCore = createRequire(require.resolve('n8n-core'));
