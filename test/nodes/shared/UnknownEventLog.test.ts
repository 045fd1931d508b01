import { UnknownEventLog } from '../../../nodes/shared/UnknownEventLog';
import type { JsonValue } from '../../../nodes/shared/json';

/** The lines that these bodies leave, each with the second in which it comes. */
function linesOf(...bodies: Array<[second: number, body: JsonValue]>): string[] {
	const log = new UnknownEventLog('TalkHub');
	const lines: string[] = [];
	for (const [second, body] of bodies) {
		log.add(body, second * 1_000, (line) => lines.push(line));
	}
	return lines;
}

it('names the provider and the keys, also within objects and lists, and no value', () => {
	const body: JsonValue = {
		status: 'transferred-to-somebody',
		Cliente: { nome: 'Ana', 'e-mail': 'ana@example.test', tags: [{ codid: 7, vip: true }] },
		itens: [1, 'two', { código: 'three' }, { código: 'four', extra: null }],
	};
	expect(linesOf([0, body])).toEqual([
		"TalkHub sent something that this node does not recognise as an event, so it counts as 'Other': an object with the keys Cliente, Cliente.e-mail, Cliente.nome, Cliente.tags, itens, itens.código, itens.extra, status",
	]);
});

it.each<[string, JsonValue, string]>([
	['text', 'a secret', 'text without keys'],
	['a number', 4711, 'a number without keys'],
	['null', null, 'null without keys'],
	['an empty object', {}, 'an object without keys'],
	['a list of texts', ['a secret'], 'a list without keys'],
	['a list of objects', [{ a: 1 }, { b: 2 }], 'a list with the keys a, b'],
	[
		'values that stand as keys',
		{ '5511900000030': {}, 'ana@example.test': { x: 1 }, 'a b': 1, id20231130303159: 2 },
		'an object with the keys …, ….x',
	],
])('shows of %s: %j', (_name, body, shown) => {
	expect(linesOf([0, body])).toEqual([expect.stringMatching(new RegExp(`: ${shown}$`))]);
});

it('logs the same keys once a minute, whatever their values and their order', () => {
	const lines = linesOf([0, { a: 1, b: 2 }], [1, { b: 3, a: 4 }], [59.999, { a: 5, b: 6 }]);
	expect(lines).toHaveLength(1);
});

it('counts what it did not log, and begins anew a minute later', () => {
	const body = { a: 1 };
	const lines = linesOf([0, body], [1, body], [2, body], [60, body], [119, body], [121, body]);
	expect(lines.map((line) => line.slice(0, 24))).toEqual([
		'TalkHub sent something t',
		'More events of TalkHub c',
		'TalkHub sent something t',
		'More events of TalkHub c',
		'TalkHub sent something t',
	]);
});

it('logs other keys at once, up to ten in a minute', () => {
	const bodies = Array.from({ length: 500 }, (_, n) => [n / 10, { [`k${n}`]: 1 }]) as Array<
		[number, JsonValue]
	>;
	expect(linesOf(...bodies)).toHaveLength(10);
});

it('does not fall silent when the clock is set back', () => {
	expect(linesOf([9_000, { a: 1 }], [10, { a: 1 }])).toHaveLength(2);
});

it('stays short and quick for what is huge or deep', () => {
	const wide = Object.fromEntries(
		Array.from({ length: 100_000 }, (_, n) => [`k${'x'.repeat(n % 30)}`, n]),
	);
	let deep: JsonValue = {};
	for (let n = 0; n < 100_000; n++) deep = n % 2 === 0 ? [deep] : { a: deep };
	for (const line of linesOf([0, wide], [1, deep], [2, { wide, deep }])) {
		expect(line.length).toBeLessThan(2_000);
	}
});
