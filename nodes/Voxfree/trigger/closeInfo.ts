/** Why a connection was not made, or ended. */
export interface CloseInfo {
	/** The server's close code; 1006 if it gave none. */
	code: number;
	reason: string;
	/** The HTTP status that a plain request to the same address was answered with. */
	status?: number;
	/** What that request says about the reason, as the end of a sentence. */
	cause?: string;
	/** Milliseconds that the server asked to wait. */
	retryAfter?: number;
	/** What to do about that, as a sentence without its full stop. */
	advice?: string;
}

/** For what ended without a close frame. */
export const ABNORMAL_CLOSURE = 1006;
/** A close frame holds no longer reason. */
const LONGEST_REASON = 123;

/** `connection lost (…)`, as the reason of a gap. */
export function lossText(closed: CloseInfo): string {
	return `connection lost (${codeText(closed)})`;
}

/** The close code and its reason in words. */
export function codeText({ code, reason }: CloseInfo): string {
	const said = reason.slice(0, LONGEST_REASON).trim().replace(/\.$/, '');
	const words = code === ABNORMAL_CLOSURE ? 'without a close frame' : `code ${code}`;
	return said === '' ? words : `${words}: ${said}`;
}

/** The same, or what a plain request has found out, if that says more. */
export function closeText(closed: CloseInfo): string {
	const { cause, status } = closed;
	if (cause !== undefined) return cause;
	if (status !== undefined && (status < 200 || status >= 400) && status !== 426) {
		return `the server answered with status ${status}`;
	}
	return codeText(closed);
}
