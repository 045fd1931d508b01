declare const core: typeof import('n8n-core');
export = core;
