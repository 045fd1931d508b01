import { createHmac } from 'node:crypto';
import { decodeSignature, signatureMatches } from '../../nodes/shared/webhook/signature';
import { welchT, withoutSlowest } from './welch';

/*
 * Whether the time of a refusal tells how much of a forged signature was right. It stands among the
 * benchmarks and not among the tests, because what it judges is time: on a machine with much to do
 * even the comparison that leaks may not show it.
 */

const SECRET = 'demo-webhook-secret-of-gitple';
const BODY = Buffer.from(JSON.stringify({ type: 'session_state_open', session: { id: '1' } }));
const DIGEST = createHmac('sha256', SECRET).update(BODY).digest();

const SAMPLES = 60_000;
const CALLS_A_SAMPLE = 10;
/** The slowest tenth of all samples is not ours. */
const KEPT = 0.9;
/** What chance alone exceeds once in 100,000 runs. */
const LIMIT = 4.5;

export interface TimingVerdict {
	name: string;
	/** Of refusals whose first byte is wrong against refusals whose last byte is wrong. */
	t: number;
	wanted: string;
	reached: boolean;
}

type Check = (header: string) => boolean;

const ours: Check = (header) => {
	const signature = decodeSignature(header, 'auto');
	return signature !== undefined && signatureMatches(BODY, signature, [SECRET]);
};

/** The same work, but the comparison ends at the first byte that differs. */
const naive: Check = (header) => {
	const signature = decodeSignature(header, 'auto');
	if (signature === undefined) return false;
	const expected = createHmac('sha256', SECRET).update(BODY).digest();
	for (let index = 0; index < expected.length; index++)
		if (signature[index] !== expected[index]) return false;
	return true;
};

/** A signature with one wrong byte, another one each time. */
function forged(place: number, random: () => number): string {
	const digest = Buffer.from(DIGEST);
	digest[place]! ^= 1 + Math.floor(random() * 255);
	return `sha256=${digest.toString('hex')}`;
}

/** Nanoseconds for some calls. */
function timeOf(check: Check, header: string): number {
	const started = process.hrtime.bigint();
	for (let call = 0; call < CALLS_A_SAMPLE; call++)
		if (check(header)) throw new Error('A forged signature was accepted.');
	return Number(process.hrtime.bigint() - started);
}

/** Measures both ways of comparing turn by turn; chance decides which signature comes next. */
export function signatureTiming(random: () => number): TimingVerdict[] {
	const contestants = { ours, naive };
	const names = ['ours', 'naive'] as const;
	const times = {
		ours: [[], []] as [number[], number[]],
		naive: [[], []] as [number[], number[]],
	};
	for (let sample = -SAMPLES / 20; sample < SAMPLES; sample++) {
		const kind = random() < 0.5 ? 0 : 1;
		const header = forged(kind === 0 ? 0 : DIGEST.length - 1, random);
		const order = random() < 0.5 ? names : names.toReversed();
		for (const name of order) {
			const time = timeOf(contestants[name], header);
			// Before zero it warms up.
			if (sample >= 0) times[name][kind].push(time);
		}
	}
	const t = (name: 'ours' | 'naive') => {
		const [first, last] = withoutSlowest(times[name], KEPT);
		return welchT(first, last);
	};
	const [tOfOurs, tOfNaive] = [t('ours'), t('naive')];
	return [
		{
			name: 'Gitple signature, refused by its first byte or by its last',
			t: tOfOurs,
			wanted: `|t| < ${LIMIT}`,
			reached: Math.abs(tOfOurs) < LIMIT,
		},
		{
			name: '  control: a comparison that ends at the first wrong byte',
			t: tOfNaive,
			wanted: `|t| > ${LIMIT}`,
			reached: Math.abs(tOfNaive) > LIMIT,
		},
	];
}
