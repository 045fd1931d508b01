import { readFileSync } from 'node:fs';

export interface Verdict {
	sent: number;
	ok: number;
	/** Not executed, although the lists would have shown it or no gap was reported. */
	lost: number;
	duplicated: number;
	/** Executed, but never sent. */
	unexpected: number;
	/** Not executed, cannot be recovered, and within a gap that was reported. */
	reported: number;
	/** Of those that are ok, how many came by the lists. */
	recovered: number;
	gaps: number;
	/** Some of what is wrong, to look into. */
	examples: string[];
}

interface Line {
	t: number;
	kind: 'sent' | 'executed' | 'gap';
	id?: string;
	agent: number;
	isRecoverable?: boolean;
	isRecovered?: boolean;
	from?: number;
	to?: number;
}

/** How far the clocks of provider and node, and what was on its way, may lie apart, in milliseconds. */
const TOLERANCE = 2_000;

/**
 * Judges a run from the two logs alone: what the provider says has happened, and what the trigger
 * says it has executed.
 */
export function check(providerLog: string, triggerLog: string): Verdict {
	const sent = linesOf(providerLog);
	const executed = new Map<string, number>();
	const gaps = new Map<number, Array<{ from: number; to: number }>>();
	const verdict: Verdict = {
		sent: sent.length,
		ok: 0,
		lost: 0,
		duplicated: 0,
		unexpected: 0,
		reported: 0,
		recovered: 0,
		gaps: 0,
		examples: [],
	};
	const example = (text: string) => {
		if (verdict.examples.length < 20) verdict.examples.push(text);
	};
	for (const line of linesOf(triggerLog)) {
		if (line.kind === 'gap') {
			verdict.gaps++;
			const known = gaps.get(line.agent) ?? [];
			known.push({ from: line.from ?? 0, to: line.to ?? 0 });
			gaps.set(line.agent, known);
		} else {
			const key = `${line.agent}:${line.id}`;
			executed.set(key, (executed.get(key) ?? 0) + 1);
			if (line.isRecovered === true) verdict.recovered++;
		}
	}
	for (const { id, agent, t, isRecoverable } of sent) {
		const key = `${agent}:${id}`;
		const count = executed.get(key) ?? 0;
		executed.delete(key);
		if (count === 1) verdict.ok++;
		else if (count > 1) {
			verdict.duplicated++;
			example(`duplicated: ${key} (${count} times)`);
		} else {
			const isReported = gaps
				.get(agent)
				?.some(({ from, to }) => t >= from - TOLERANCE && t <= to + TOLERANCE);
			if (isRecoverable !== true && isReported === true) verdict.reported++;
			else {
				verdict.lost++;
				example(`lost: ${key} at ${new Date(t).toISOString()}, recoverable: ${isRecoverable}`);
			}
		}
	}
	verdict.unexpected = executed.size;
	for (const key of executed.keys()) example(`unexpected: ${key}`);
	return verdict;
}

function linesOf(file: string): Line[] {
	return readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Line);
}
