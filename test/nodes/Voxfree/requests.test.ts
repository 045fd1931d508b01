import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Voxfree } from '../../../nodes/Voxfree/Voxfree.node';
import { runNode, withoutSignature } from '../../support';
import login from '../../fixtures/voxfree/request-login.json';
import { expectedBody, rows, withoutService, type Row } from './operations';
import type { Recorded } from './recorder';
import { setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const DOCUMENT = join(__dirname, '../../../docs/voxfree-requests.md');

const recorder = useRecorder();

const { properties } = new Voxfree().description;

/** Names of a resource and an operation as users see them. */
function namesOf({ resource, operation }: Row): { resource: string; operation: string } {
	const optionName = (options: unknown, value: string) =>
		(options as Array<{ name: string; value: string }>).find((option) => option.value === value)
			?.name ?? `(${value} does not exist)`;
	const operations = properties.find(
		({ name, displayOptions }) =>
			name === 'operation' && displayOptions?.show?.resource?.includes(resource),
	);
	return {
		resource: optionName(properties[0]?.options, resource),
		operation: optionName(operations?.options, operation),
	};
}

const sentBy = new Map<Row, Recorded>();

async function send(row: Row) {
	recorder.answers = { ...row.answers };
	const run = await runNode(
		setupOf(
			storeWith(recorder.url),
			{ resource: row.resource, operation: row.operation, ...row.parameters },
			row.items === undefined ? {} : { items: row.items },
		),
	);
	const sent = recorder.to(row.service);
	if (sent[0]) sentBy.set(row, sent[0]);
	return { run, sent };
}

describe('what each operation sends', () => {
	it.each(rows.map((row) => [`${row.resource}: ${row.operation}`, row] as const))(
		'%s sends the body of the document, once',
		async (_name, row) => {
			const { run, sent } = await send(row);
			expect(run.error).toBeUndefined();
			expect(sent).toHaveLength(1);
			expect(withoutSignature(sent[0]?.body)).toEqual(expectedBody(row));
			expect(sent[0]?.method).toBe('POST');
			expect(sent[0]?.headers['content-type']).toMatch(
				row.items === undefined ? /^application\/json/ : /^multipart\/form-data; boundary=/,
			);
			expect(recorder.to('login.php').map(({ body }) => body)).toEqual([login]);
		},
	);

	it('covers every operation of the node', () => {
		const offered = properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ options, displayOptions }) =>
				(options as Array<{ value: string }>).map(
					({ value }) => `${displayOptions?.show?.resource?.[0] as string}: ${value}`,
				),
			);
		const covered = rows.map(({ resource, operation }) => `${resource}: ${operation}`);
		expect([...covered, ...withoutService].sort()).toEqual(offered.sort());
	});

	it('is what docs/voxfree-requests.md says', async () => {
		for (const row of rows) {
			if (sentBy.has(row)) continue;
			recorder.reset();
			await send(row);
		}
		const table = requestTable();
		if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, table);
		expect(readFileSync(DOCUMENT, 'utf8')).toBe(table);
	});
});

function requestTable(): string {
	const code = (value: unknown) => `\`${JSON.stringify(value)}\``;
	const lines = rows.map((row) => {
		const { resource, operation } = namesOf(row);
		const sent = sentBy.get(row);
		const file = sent?.file === undefined ? '' : ` and the file as \`${sent.file.name}\``;
		return `| ${resource}: ${operation} | \`${sent?.service}\` | ${code(withoutSignature(sent?.body))}${file} | ${row.sample === undefined ? 'none' : code(row.sample)} | ${row.because ?? ''} |`;
	});
	return `# What the Voxfree node sends

[Guide](voxfree.md)

Each operation with the request that a plain HTTP server recorded, beside the sample of Voxfree's
document (names and passwords replaced). Written by \`npm run docs\`, and compared by a test.

All are POST requests with a JSON body, except for Send File, which is a form. Before the first of
them, and only then, the node logs in: \`login.php\` with ${code(login)}.

| Operation | Service | Sent | Sample of the document | Remarks |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}
