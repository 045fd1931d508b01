/** How long after the contact's last message free text is allowed on official WhatsApp. */
export const SERVICE_WINDOW = 24 * 60 * 60 * 1000;

export interface ServiceWindow {
	open: boolean;
	/** When it closes, or closed. Nothing where the contact has never written. */
	closesAt?: Date;
}

/**
 * The 24-hour rule of WhatsApp's official API: free text is allowed from the contact's last message
 * until 24 hours later, and only templates from that very millisecond on.
 *
 * Both moments are points in time, so neither time zones nor daylight saving change the result.
 * A last message that lies in the future, because two clocks differ, leaves the window open.
 *
 * @param lastContactMessage when the contact last wrote; undefined when never
 */
export function serviceWindow(lastContactMessage: Date | undefined, now: Date): ServiceWindow {
	if (lastContactMessage === undefined) return { open: false };
	const closesAt = new Date(lastContactMessage.getTime() + SERVICE_WINDOW);
	return { open: now.getTime() < closesAt.getTime(), closesAt };
}
