import { byId } from './setup';
import type { InputItem } from '../../support';
import type { Answer } from './recorder';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import started from '../../fixtures/voxfree/answer-novaConversaManual.json';
import opened from '../../fixtures/voxfree/answer-buscaChat.json';
import templates from '../../fixtures/voxfree/answer-templatesWhatsapp-select.json';
import sentTemplate from '../../fixtures/voxfree/answer-templatesWhatsapp-send.json';
import alterarSenha from '../../fixtures/voxfree/request-alterarSenha.json';
import buscaCanais from '../../fixtures/voxfree/request-buscaCanais.json';
import buscaCarteirizacoes from '../../fixtures/voxfree/request-buscaCarteirizacoes.json';
import buscaChat from '../../fixtures/voxfree/request-buscaChat.json';
import buscaDepartamentos from '../../fixtures/voxfree/request-buscaDepartamentos.json';
import buscaMensagem from '../../fixtures/voxfree/request-buscaMensagem.json';
import buscaTabulacoes from '../../fixtures/voxfree/request-buscaTabulacoes.json';
import chatsAtivos from '../../fixtures/voxfree/request-chatsAtivos.json';
import chatsEspera from '../../fixtures/voxfree/request-chatsEspera.json';
import enviaAnexo from '../../fixtures/voxfree/request-enviaAnexo.json';
import enviaMensagem from '../../fixtures/voxfree/request-enviaMensagem.json';
import finalizarAtendimento from '../../fixtures/voxfree/request-finalizarAtendimento.json';
import novaConversaManual from '../../fixtures/voxfree/request-novaConversaManual.json';
import servicoContatos from '../../fixtures/voxfree/request-servicoContatos.json';
import servicoTags from '../../fixtures/voxfree/request-servicoTags.json';
import selectTemplates from '../../fixtures/voxfree/request-templatesWhatsapp-select.json';
import sendTemplate from '../../fixtures/voxfree/request-templatesWhatsapp-send.json';
import updateStatus from '../../fixtures/voxfree/request-updateStatusAgente_Omni.json';

export interface Row {
	resource: string;
	operation: string;
	parameters: Record<string, unknown>;
	items?: InputItem[];
	/** Answers by service; others answer {"retorno": "ok"}. */
	answers?: Record<string, Answer>;
	/** The service that does it. */
	service: string;
	/** The document's own sample, where it has one. */
	sample: object | undefined;
	/** What is sent differently from the sample. */
	differences?: Record<string, string | undefined>;
	/** Why it is. */
	because?: string;
}

const details = { channelId: '25', contactId: '30' };
const protocol = byId('20231130303159');
const tagged = byId('20231206303160');
const sendingTag = { parameters: { protocol: tagged, options: { departmentId: '9' } } };
const noText = { tag: '' };

/** Operations that call no service of the document. */
export const withoutService = ['message: downloadFile'];

/** Every other operation of the node, set up to send the document's sample as far as that is possible. */
export const rows: Row[] = [
	{
		resource: 'agent',
		operation: 'changePassword',
		parameters: { newPassword: 'demo-nova-ção' },
		answers: { 'alterarSenha.php': { error: 0, message: 'Senha alterada com sucesso!!!' } },
		service: 'alterarSenha.php',
		sample: alterarSenha,
		because: 'In the sample, the current hash has lost its last digit; 32 digits are sent.',
	},
	{
		resource: 'agent',
		operation: 'getSession',
		parameters: {},
		service: 'buscaDepartamentos.php',
		sample: buscaDepartamentos,
		because: 'The login tells the session; the departments show that it still holds.',
	},
	{
		resource: 'agent',
		operation: 'setOffline',
		parameters: {},
		service: 'updateStatusAgente_Omni.php',
		sample: updateStatus,
		differences: { novo_status: '0' },
	},
	{
		resource: 'agent',
		operation: 'setOnline',
		parameters: {},
		service: 'updateStatusAgente_Omni.php',
		sample: updateStatus,
	},
	{
		resource: 'channel',
		operation: 'getAll',
		parameters: { departmentId: byId('9') },
		service: 'buscaCanais.php',
		sample: buscaCanais,
	},
	{
		resource: 'contact',
		operation: 'create',
		parameters: { name: 'Demo Contact', number: '+55 (19) 99999-9999' },
		answers: { 'servicoContatos.php': { status: 'ok', new_codid: '31' } },
		service: 'servicoContatos.php',
		sample: servicoContatos,
		differences: { action: 'insert' },
	},
	{
		resource: 'contact',
		operation: 'findOrCreate',
		parameters: { name: 'Demo Contact', number: '5519999999999' },
		answers: { 'servicoContatos.php': [{ codid: '30', nome: 'Demo', numero: '551999999999' }] },
		service: 'servicoContatos.php',
		sample: servicoContatos,
		differences: { search: '99999999', nome: '', numero: '' },
		because: 'Searched by the last eight digits, which all spellings of the number share.',
	},
	{
		resource: 'contact',
		operation: 'getAll',
		parameters: {},
		service: 'servicoContatos.php',
		sample: servicoContatos,
		differences: { nome: '', numero: '' },
		because: 'Name and number belong to a new contact only.',
	},
	{
		resource: 'conversation',
		operation: 'finish',
		parameters: {
			protocol: byId('20231213303164'),
			wrapUpCodeId: byId('22'),
			details,
		},
		service: 'finalizarAtendimento.php',
		sample: finalizarAtendimento,
		differences: {
			action: 'finalizar',
			new_id_agente: '',
			codid_departamento: '',
			text_send: '',
			fidelizado_check: '0',
		},
		because: 'The document names the check in two ways; both are sent.',
	},
	{
		resource: 'conversation',
		operation: 'getActive',
		parameters: {},
		service: 'chatsAtivos.php',
		sample: chatsAtivos,
	},
	{
		resource: 'conversation',
		operation: 'getWaiting',
		parameters: {},
		service: 'chatsEspera.php',
		sample: chatsEspera,
	},
	{
		resource: 'conversation',
		operation: 'open',
		parameters: { protocol: byId('20231123303151') },
		answers: { 'buscaChat.php': opened },
		service: 'buscaChat.php',
		sample: buscaChat,
	},
	{
		resource: 'conversation',
		operation: 'start',
		parameters: { departmentId: byId('9'), channelId: byId('25'), contactId: byId('30') },
		answers: {
			'novaConversaManual.php': started,
			'chatsAtivos.php': [{ protocolo: '20231214303165', id_contato: '30', id_canal_unico: '25' }],
		},
		service: 'novaConversaManual.php',
		sample: novaConversaManual,
	},
	{
		resource: 'conversation',
		operation: 'transfer',
		parameters: {
			protocol: byId('20231213303164'),
			newAgentId: byId('60'),
			note: 'teste',
			details,
		},
		service: 'finalizarAtendimento.php',
		sample: finalizarAtendimento,
		differences: { codid_departamento: '', selected_tabulacao: '', fidelizado_check: '0' },
		because:
			'A transfer needs neither department nor wrap-up code; both names of the check are sent.',
	},
	{
		resource: 'conversation',
		operation: 'transferAndFinish',
		parameters: {
			protocol: byId('20231213303164'),
			newAgentId: byId('60'),
			departmentId: byId('9'),
			wrapUpCodeId: byId('22'),
			note: 'teste',
			details,
			options: { isPortfolioClient: true },
		},
		service: 'finalizarAtendimento.php',
		sample: finalizarAtendimento,
		differences: {
			action: 'transferir_finalizar',
			carteirizado_check: '1',
			fidelizado_check: '1',
		},
		because: 'Here with the check set; both of its names are sent.',
	},
	{
		resource: 'department',
		operation: 'getAll',
		parameters: {},
		service: 'buscaDepartamentos.php',
		sample: buscaDepartamentos,
	},
	{
		resource: 'message',
		operation: 'getNew',
		parameters: { protocol, lastMessageId: '17808798', details },
		service: 'buscaMensagem.php',
		sample: buscaMensagem,
	},
	{
		resource: 'message',
		operation: 'sendFile',
		parameters: {
			protocol: tagged,
			caption: 'Olá',
			details,
			options: { replyToMessageId: '17808798' },
		},
		items: [{ json: {}, binary: { data: { content: 'demo file', fileName: 'demo.txt' } } }],
		answers: { 'enviaAnexo.php': sentText },
		service: 'enviaAnexo.php',
		sample: enviaAnexo,
		because: 'Sent as a form, with the file under "file"; reply_id only when replying.',
	},
	{
		resource: 'message',
		operation: 'sendAndWait',
		parameters: { protocol, message: 'teste', details },
		answers: { 'enviaMensagem.php': sentText },
		service: 'enviaMensagem.php',
		sample: enviaMensagem,
		differences: {
			mensagem: 'teste\n\nRespond: http://127.0.0.1:5678/webhook-waiting/1/node-1?signature=…',
		},
		because: 'The sample lists id_agente twice. The link is signed by n8n.',
	},
	{
		resource: 'message',
		operation: 'sendText',
		parameters: { protocol, text: 'teste', details },
		answers: { 'enviaMensagem.php': sentText },
		service: 'enviaMensagem.php',
		sample: enviaMensagem,
		because: 'The sample lists id_agente twice.',
	},
	{
		resource: 'portfolio',
		operation: 'getAll',
		parameters: {},
		service: 'buscaCarteirizacoes.php',
		sample: buscaCarteirizacoes,
		differences: { codid_contato: undefined, codid_departamento: undefined },
		because: 'The document asks for contact and department only when removing.',
	},
	{
		resource: 'portfolio',
		operation: 'remove',
		parameters: { contactId: byId('30'), departmentId: byId('9') },
		service: 'buscaCarteirizacoes.php',
		sample: buscaCarteirizacoes,
		differences: { action: 'delete' },
	},
	...(
		[
			['create', 'insert', { text: 'Olá' }],
			['delete', 'remove', { quickReplyId: byId('1305') }],
			['getAll', 'select', {}],
			['update', 'update', { quickReplyId: byId('1305'), text: 'Olá' }],
		] as const
	).map(([operation, action, parameters]) => ({
		resource: 'quickReply',
		operation,
		parameters: { ...parameters, options: { departmentId: '9', protocol: '20231206303160' } },
		answers: { 'servicoRespostasRapidas.php': { status: 'ok', new_codid: '1305', dados: [] } },
		service: 'servicoRespostasRapidas.php',
		sample: undefined,
		differences: {
			protocolo: '20231206303160',
			id_agente: '61',
			resposta: 'text' in parameters ? 'Olá' : '',
			codid_resposta: 'quickReplyId' in parameters ? '1305' : '',
			codid_cliente: '1',
			departamento: '9',
			action,
		},
		because: 'The document shows no request; these are the likely fields, unverified.',
	})),
	...(
		[
			['attach', 'activate', { tagId: byId('53') }, noText],
			['create', 'insert', { name: 'test service' }, { codid_tag: '' }],
			['delete', 'remove', { tagId: byId('53') }, noText],
			['detach', 'deactivate', { tagId: byId('53') }, noText],
			['getAll', 'select', {}, { ...noText, codid_tag: '' }],
			['update', 'update', { tagId: byId('53'), name: 'test service' }, {}],
		] as const
	).map(([operation, action, parameters, differences]) => ({
		resource: 'tag',
		operation,
		parameters: { ...sendingTag.parameters, ...parameters },
		answers: { 'servicoTags.php': { status: 'ok', new_codid: '1305', dados: [] } },
		service: 'servicoTags.php',
		sample: servicoTags,
		differences: { action, ...differences },
		because: 'One sample for all actions; what an action is not about stays empty.',
	})),
	{
		resource: 'template',
		operation: 'getAll',
		parameters: { protocol: byId('20240222312628') },
		answers: { 'templatesWhatsapp.php': templates },
		service: 'templatesWhatsapp.php',
		sample: selectTemplates,
	},
	{
		resource: 'template',
		operation: 'send',
		parameters: { protocol: byId('20240222312628'), templateId: byId('80') },
		answers: { 'templatesWhatsapp.php': sentTemplate },
		service: 'templatesWhatsapp.php',
		sample: sendTemplate,
		because: 'The sample lacks a comma.',
	},
	{
		resource: 'wrapUpCode',
		operation: 'getAll',
		parameters: { protocol },
		service: 'buscaTabulacoes.php',
		sample: buscaTabulacoes,
	},
];

/** The operations that change something for others, which leave once. */
export const sends = new Set([
	'agent: changePassword',
	'contact: create',
	'conversation: finish',
	'conversation: start',
	'conversation: transfer',
	'conversation: transferAndFinish',
	'message: sendAndWait',
	'message: sendFile',
	'message: sendText',
	'portfolio: remove',
	'quickReply: create',
	'quickReply: delete',
	'quickReply: update',
	'tag: attach',
	'tag: create',
	'tag: delete',
	'tag: detach',
	'tag: update',
	'template: send',
]);

/** The sample with what is sent differently. */
export function expectedBody({ sample, differences }: Row): object {
	return Object.fromEntries(
		Object.entries({ ...sample, ...differences }).filter(([, value]) => value !== undefined),
	);
}
