import type { JsonValue } from '../../../nodes/shared/json';
import { refusalInBody } from '../../../nodes/shared/refusals';

describe('an answer with status 200', () => {
	it.each<[JsonValue, string]>([
		[{ error: 'x' }, 'x'],
		[{ Error: 'x' }, 'x'],
		[{ ERRO: true, Mensagem: 'x' }, 'x'],
		[{ error: '1' }, 'no reason given'],
		[{ error: 1, descricao: 'x' }, 'x'],
		[{ errors: ['a', { message: 'b' }] }, 'a; b'],
		[{ success: false }, 'no reason given'],
		[{ success: 'false', message: 'x' }, 'x'],
		[{ success: 0, message: 'x' }, 'x'],
		[{ sucesso: 'Não', message: 'x' }, 'x'],
		[{ status: 500, message: 'x' }, 'x'],
		[{ status: 'error', message: 'x' }, 'x'],
		[{ status: 'FAILED' }, 'no reason given'],
		[{ data: { error: 'x' } }, 'x'],
		[{ dados: { success: false, message: 'x' } }, 'x'],
		[[{ error: 'x' }], 'x'],
		['Erro: x', 'Erro: x'],
		[{ error: ` a\n b${'c'.repeat(300_000)}` }, `a b${'c'.repeat(197)}…`],
	])('%j refuses', (body, words) => {
		expect(refusalInBody(body, true)).toBe(words);
	});

	it.each<JsonValue>([
		{},
		[],
		null,
		'done',
		{ error: null },
		{ error: '' },
		{ error: 0 },
		{ error: '0' },
		{ error: 'false' },
		{ errors: [] },
		{ success: true },
		{ success: 'true' },
		{ status: 200 },
		{ status: 'ok', message: 'failed twice before' },
		[{ error: 'x' }, { error: 'y' }],
		[{ id: '1', status: 'error' }],
	])('%j does not', (body) => {
		expect(refusalInBody(body, true)).toBeUndefined();
	});

	it('may have the status of what it is about', () => {
		expect(refusalInBody({ success: true, status: 'FAILED' }, false)).toBeUndefined();
	});
});
