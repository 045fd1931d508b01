// This import comes before anything of n8n.
import './n8nSettings.cjs';
import { createRequire } from 'node:module';

/**
 * Requires a package as n8n-core does. n8n-core may have its own copies of the packages that it
 * shares with others; its container and its logger are only in that copy.
 */
export const requireFromCore = createRequire(require.resolve('n8n-core'));
