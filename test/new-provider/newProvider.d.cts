export function newProvider(root: string, name: string): string[];
