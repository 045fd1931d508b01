import { NodeOperationError } from 'n8n-workflow';
import type { IPollFunctions } from 'n8n-workflow';
import { toNodeError } from '../../shared/errors';
import { splitCommaList } from '../../shared/filters';
import type { Redactor } from '../../shared/redact';
import type { LiftyApi } from '../api/LiftyApi';

/** How many bots one trigger may watch: each takes two requests a poll, and a place in what is stored. */
const MAX_BOTS = 50;

/** The status of a bot, or why it could not be read. */
export type Reading = { botId: string } & (
	| { status: string; error?: undefined }
	| { status?: undefined; error: Error }
);

/**
 * The bots to watch, each once.
 *
 * @param botIds with commas between them
 * @throws NodeOperationError if there are none or too many
 */
export function botsToWatch(
	functions: IPollFunctions,
	botIds: string,
	defaultBotId: string,
): string[] {
	const listed = splitCommaList(botIds);
	const bots = [...new Set(listed.length > 0 ? listed : [defaultBotId])];
	if (bots[0] === '') {
		throw new NodeOperationError(functions.getNode(), 'There is no bot to watch', {
			description: "Enter one in 'Bot IDs', or set a Default Bot ID in the credential.",
		});
	}
	if (bots.length > MAX_BOTS) {
		throw new NodeOperationError(
			functions.getNode(),
			`'Bot IDs' names ${bots.length} bots, but one trigger can watch ${MAX_BOTS}`,
			{ description: 'Distribute them over several workflows.' },
		);
	}
	return bots;
}

export async function readStatuses(api: LiftyApi, botIds: readonly string[]): Promise<Reading[]> {
	return await Promise.all(
		botIds.map(
			async (botId) =>
				await api
					.getConnection(botId)
					.then(async ({ statusLink }) => ({ botId, status: await api.getStatus(statusLink) }))
					.catch((error: Error) => ({ botId, error })),
		),
	);
}

/**
 * Logs which bots could not be read. One of them must not hold back the changes of the others.
 *
 * @throws NodeApiError | NodeOperationError if none could be read, because then nothing is watched
 */
export function reportFailures(
	functions: IPollFunctions,
	readings: readonly Reading[],
	redact: Redactor,
): void {
	const node = functions.getNode();
	const failed = readings.filter(({ error }) => error !== undefined);
	const [first] = failed;
	if (first !== undefined && failed.length === readings.length) {
		throw toNodeError(node, first.error, redact);
	}
	for (const { botId, error } of failed) {
		const { message } = toNodeError(node, error, redact);
		functions.logger.warn(`${node.name}: The status of bot ${botId} was not read: ${message}`);
	}
}
