// This import comes before anything of n8n.
import '../../support/n8nSettings.cjs';
import core from './core.cjs';
import { requireOwn } from './folder.cjs';

/** What n8n-core held itself before it was moved to a package of its own. */
const MOVED = ['@n8n/backend-common', '@n8n/backend-network'];

/** In place of `test/support/n8nEnvironment.ts`: requires a package that n8n-core brought. */
export function requireFromCore(name: string): unknown {
	if (!MOVED.includes(name)) return requireOwn(name);
	try {
		return requireOwn(name);
	} catch {
		return core;
	}
}
