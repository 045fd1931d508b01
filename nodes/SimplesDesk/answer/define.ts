import type { INodeExecutionData } from 'n8n-workflow';
import type { JsonObject, JsonValue } from '../../shared/json';
import type { DescribedOperation, DescribedResource } from '../../shared/operation/define';
import type { Parameter, ValuesOf } from '../../shared/parameters/types';
import type { CallKind } from '../trigger/calls';

/** What one input item adds to the answer. */
export type Part =
	| { form: 'list'; messages: JsonValue[] }
	| { form: 'menu'; answer: JsonObject }
	| { form: 'nothing'; status: number; body: JsonValue };

/** One way to answer: its name, its parameters, and the part of the answer it makes of them. */
export interface AnswerOperation<Parameters extends readonly Parameter[] = readonly Parameter[]>
	extends DescribedOperation {
	readonly parameters: Parameters;
	readonly requests: false;
	/** The kinds of request that can be answered like this. */
	readonly answers: readonly CallKind[];
	/** What an item adds to the answer, which is checked as a whole afterwards. */
	compose(values: ValuesOf<Parameters>, item: INodeExecutionData): Part;
	/**
	 * The name of a field of the answer in the panel.
	 *
	 * @param field its path on the wire
	 * @param message the message that contains it
	 */
	label(field: string, values: ValuesOf<Parameters>, message: JsonValue): string;
}

export interface AnyAnswerOperation extends DescribedOperation {
	readonly requests: false;
	readonly answers: readonly CallKind[];
	compose(values: Record<string, unknown>, item: INodeExecutionData): Part;
	label(field: string, values: Record<string, unknown>, message: JsonValue): string;
}

export interface AnswerResource extends DescribedResource {
	readonly operations: readonly AnyAnswerOperation[];
}

/** Defines a way to answer; the type of the values follows from its parameters. */
export function answerOperation<const Parameters extends readonly Parameter[]>(
	definition: Omit<AnswerOperation<Parameters>, 'requests'>,
): AnyAnswerOperation {
	return { ...definition, requests: false } as unknown as AnyAnswerOperation;
}
