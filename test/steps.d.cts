/** Types of steps.cjs, where each function is described. */
export type Log = (line: string) => void;

export function runStep(
	label: string,
	command: string,
	args: string[],
	options: { cwd: string; env?: NodeJS.ProcessEnv; log?: Log; hint?: string },
): Promise<string>;
export function withLock<T>(lockFile: string, work: () => Promise<T>, log?: Log): Promise<T>;
export function contentHash(root: string, entries: string[]): string;
export function matchesLockfile(folder: string, lockFile: string): boolean;
export function isAlive(pid: number): boolean;
