import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check';
import { runFaults } from './run';

test('under load and faults nothing is lost that the lists show, nothing runs twice, the rest is reported', async () => {
	const result = await runFaults({
		seed: 20261121,
		triggers: 4,
		perSecond: 20,
		events: 1_600,
		faults: 2,
		peace: [1_000, 4_000],
		compareEvery: 3,
	});
	expect(result).toMatchObject({ sent: 1_600, lost: 0, duplicated: 0, unexpected: 0, failures: 0 });
	expect(result.ok + result.reported).toBe(1_600);
}, 240_000);

describe('the checker', () => {
	const folder = mkdtempSync(join(tmpdir(), 'faults-'));
	afterAll(() => rmSync(folder, { recursive: true }));

	function judge(sent: object[], told: object[]) {
		const write = (name: string, lines: object[]) => {
			const file = join(folder, name);
			writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
			return file;
		};
		return check(write('provider', sent), write('trigger', told));
	}
	const sent = (id: string, isRecoverable = true, t = 10_000) => ({
		t,
		kind: 'sent',
		id,
		agent: 1,
		isRecoverable,
	});
	const executed = (id: string) => ({ t: 0, kind: 'executed', id, agent: 1 });
	const gap = { t: 0, kind: 'gap', agent: 1, from: 9_000, to: 11_000 };

	test('knows ok, lost, duplicated and unexpected apart', () => {
		expect(
			judge(
				[sent('a'), sent('b'), sent('c')],
				[executed('a'), executed('c'), executed('c'), executed('d')],
			),
		).toMatchObject({ sent: 3, ok: 1, lost: 1, duplicated: 1, unexpected: 1 });
	});

	test('a gap excuses only what cannot be recovered, and only in its time', () => {
		expect(
			judge([sent('a', false), sent('b', true), sent('c', false, 60_000)], [gap]),
		).toMatchObject({ reported: 1, lost: 2 });
	});
});
