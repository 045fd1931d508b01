/** How long free text is allowed after the contact's last message, in milliseconds. */
const SERVICE_WINDOW = 24 * 60 * 60 * 1000;

interface ServiceWindow {
	open: boolean;
	/** When it closes or closed; undefined if the contact has never written. */
	closesAt?: Date;
}

/**
 * The 24-hour rule of official WhatsApp: free text is allowed for exactly 24 hours after the contact's
 * last message, and after that only templates.
 *
 * Time zones and daylight saving have no influence. A message from the future, which happens if two
 * clocks differ, leaves the window open.
 *
 * @param lastContactMessage when the contact last wrote; undefined if never
 */
export function serviceWindow(lastContactMessage: Date | undefined, now: Date): ServiceWindow {
	if (lastContactMessage === undefined) return { open: false };
	const closesAt = new Date(lastContactMessage.getTime() + SERVICE_WINDOW);
	return { open: now.getTime() < closesAt.getTime(), closesAt };
}
