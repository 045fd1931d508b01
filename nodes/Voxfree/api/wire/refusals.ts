import { isJsonObject } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { foldText } from '../../../shared/text';
import { field, firstField, isYes, textOf } from './fields';

/**
 * Voxfree's words in an answer that refuses the request; undefined if it does not. A refusal has
 * `error` set, or a `retorno` or `status` that begins with "falha". The words follow there, or stand
 * in a field of their own.
 */
export function refusalIn(body: JsonValue): string | undefined {
	for (const part of topLevelObjects(body)) {
		const failed = isYes(field(part, 'error'));
		const verdict = ['retorno', 'status']
			.map((name) => field(part, name))
			.find((value) => typeof value === 'string' && /^\s*falha/i.test(value)) as string | undefined;
		if (!failed && verdict === undefined) continue;
		const reason = (verdict ?? '').replace(/^\s*falha\s*[-:]*\s*/i, '').trim();
		const beside = textOf(firstField(part, ['descricao', 'message', 'mensagem', 'motivo']));
		return (reason === '' ? beside : reason)?.trim() ?? 'no reason given';
	}
	return undefined;
}

/** An envelope may be split in two: `[{"retorno": …}, {"mensagens": …}]`. */
function topLevelObjects(body: JsonValue): JsonObject[] {
	return (Array.isArray(body) ? body : [body]).filter(isJsonObject);
}

/** Whether these words mean that Voxfree does not know the agent, or no longer does. */
export function isUnknownAgent(words: string): boolean {
	const text = foldText(words);
	return (
		/\b(agente|usuario|atendente|operador)\b.*\b(nao (foi )?(encontrad|localizad|identificad|logad|autenticad|autorizad|reconhecid|existe)|desconhecid|invalid|desconectad|deslogad)/.test(
			text,
		) ||
		/\bsessao\b.*\b(expirad|invalid|encerrad|nao (foi )?encontrad)/.test(text) ||
		/\b(nao (esta )?(logad|autenticad)|faca (o )?login|login (e )?necessario|efetue (o )?login)/.test(
			text,
		)
	);
}
