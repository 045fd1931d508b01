/** Types of canRun.cjs, where the function is described. */
export function whyNot(machine: {
	platform: string;
	nodeVersion: string;
	folder: string;
	freeBytes: number;
}): string | undefined;
