import { isJsonObject } from '../../../shared/json';
import type { JsonValue } from '../../../shared/json';
import { foldText } from '../../../shared/text';

/** Fields by which an answer says that it is one page of several. Names as `normalizeKey` writes them. */
const TOTAL =
	/^(total(de)?(registros|items|itens|count|results?|resultados|records?|elements|conversas|chats|atendimentos)?|count|qtde?|quantidade|registros|rowcount|records(total|filtered))$/;
const PAGES =
	/^((total|last|current|num(ero)?|qtde?|quantidade|ultima)(de|da)?)?(pages?|paginas?)(count|number|atual|total)?$/;
const FULL_PAGE =
	/^(limite?|pagelimit|(per|por)(page|pagina)|(page|pagina)size|tamanho(da)?pagina|(items|itens|registros)(per|por)(page|pagina)|max(results|resultados)?)$/;
const FURTHER =
	/^((has|tem|ha)?(next|more|mais|proxim[ao]|prev|previous|anterior)|next.*|proxim.*|prev.*|anterior.*|offset|skip|cursor|endcursor|scrollid|continuation.*|truncad[ao]|(is)?truncated|parcial|(is)?partial|incomplet.*|(is)?incomplete|restantes?|remaining)$/;
const WHOLE = /^((is)?last|ultima|complet[ao]|complete|(is)?complete)$/;

const NOTHING = new Set(['', '0', 'false', 'nao', 'no', 'n', 'null', 'none']);

/**
 * Whether a field beside a list says that the list has more entries than were answered, or may have.
 *
 * @param name as `normalizeKey` writes it
 * @param size how many were answered
 */
export function signsOfMore(name: string, value: JsonValue, size: number): boolean {
	if (Array.isArray(value) || isJsonObject(value)) return false;
	const number = Number(value);
	const isNothing = value === null || NOTHING.has(foldText(String(value)));
	if (WHOLE.test(name))
		return value === false || ['false', 'nao'].includes(foldText(String(value)));
	if (isNothing) return false;
	if (TOTAL.test(name)) return !(number <= size);
	if (PAGES.test(name)) return !(number <= 1);
	if (FULL_PAGE.test(name)) return !(number > size);
	return FURTHER.test(name);
}
