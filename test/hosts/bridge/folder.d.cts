/** The folder in whose `node_modules` the n8n under test stands. */
export const folder: string;
export function requireOwn(name: string): unknown;
export function resolveFrom(packageFolder: string, name: string): string;
export function versionOf(name: string): string;
