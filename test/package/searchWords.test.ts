import { sublimeSearch } from '@n8n/utils/search/sublime-search';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/buildOnce';
import { nodeDescriptions } from './docTables';

const ALL = ['Omnize', 'Gitple', 'Lifty', 'Voxfree', 'SimplesDesk'];
const WHATSAPP = ['Omnize', 'Lifty', 'Voxfree', 'SimplesDesk'];

/** What people type into n8n's search for nodes, and the providers that it has to show. */
const WORDS: ReadonlyArray<readonly [word: string, providers: readonly string[]]> = [
	['whatsapp', WHATSAPP],
	['chat', ALL],
	['atendimento', ALL],
	['suporte', ALL],
	['support', ALL],
	['mensagem', ALL],
	['message', ALL],
	['customer service', ALL],
	['helpdesk', ALL],
	['fila', ['Omnize', 'Voxfree']],
	['queue', ['Omnize', 'Voxfree']],
	['etiqueta', ['Gitple', 'Voxfree']],
	['tag', ['Gitple', 'Voxfree']],
	['transferir', ['Omnize', 'Voxfree', 'SimplesDesk']],
	['transfer', ['Omnize', 'Voxfree', 'SimplesDesk']],
	['boleto', ['Lifty', 'Voxfree', 'SimplesDesk']],
	['segunda via', ['Lifty', 'Voxfree', 'SimplesDesk']],
	['template', ['Lifty', 'Voxfree', 'SimplesDesk']],
	['modelo', ['Lifty', 'Voxfree', 'SimplesDesk']],
	['qr code', ['Lifty']],
	['zenvia', ['Omnize']],
	['megazap', ['SimplesDesk']],
	['상담', ['Gitple']],
	['채팅', ['Gitple']],
	['고객센터', ['Gitple']],
];

/** The nodes as n8n's search sees them. */
const entries = nodeDescriptions().map(({ displayName }) => {
	const className = displayName.replaceAll(' ', '');
	const provider = className.replace(/Trigger$/, '');
	const file = join(ROOT, 'nodes', provider, `${className}.node.json`);
	const codex = JSON.parse(readFileSync(file, 'utf8')) as { alias: string[] };
	return { displayName, provider, properties: { displayName, codex } };
});

test.each(WORDS)('"%s" finds the nodes of %j, and no others are named so', (word, providers) => {
	const wanted = entries.filter(({ provider }) => providers.includes(provider));
	expect(wanted).toHaveLength(providers.length * 2);
	const found = sublimeSearch(word, entries).map(({ item }) => item.displayName);
	expect(found).toEqual(expect.arrayContaining(wanted.map(({ displayName }) => displayName)));
	const named = entries.filter(({ properties }) =>
		properties.codex.alias.some((alias) => alias.toLowerCase() === word),
	);
	expect(named).toEqual(wanted);
});

test('every node has search words, none of them twice', () => {
	for (const { displayName, properties } of entries) {
		const words = properties.codex.alias.map((alias) => alias.toLowerCase());
		expect([displayName, words.length]).toEqual([displayName, new Set(words).size]);
	}
});
