import type { Downloads } from '../../shared/files/download';
import type { CredentialSession } from './SessionStore';

/** What callers of the API hand over, in plain English. */

/** Which conversation is meant, and what is known of it already. */
export interface ConversationReference {
	protocol: string;
	channelId?: string;
	/** For a group conversation, the ID of the group. */
	contactId?: string;
	isGroup?: boolean;
}

/** Where a conversation goes when it is finished or transferred. */
export interface Handover {
	conversation: ConversationReference;
	/** The agent who takes over. */
	newAgentId?: string;
	departmentId?: string;
	wrapUpCodeId?: string;
	/** Only the next agent reads it. */
	note?: string;
	/** The conversation's checkbox "carteirizado". */
	isPortfolioClient?: boolean;
}

export interface NewContact {
	name: string;
	/** Digits only. */
	number: string;
	email: string;
}

/** What a tag call is about. Voxfree takes one body for all of them. */
export interface TagReference {
	protocol: string;
	tagId?: string;
	name?: string;
	departmentId?: string;
}

export type TagAction = 'insert' | 'activate' | 'deactivate' | 'remove' | 'update';

/**
 * What a quick reply call is about. The document does not show its fields: these are the ones of the
 * service for tags, which is described alike, and `additional` ones in Voxfree's own words.
 */
export interface QuickReplyFields {
	protocol?: string;
	departmentId?: string;
	quickReplyId?: string;
	text?: string;
	additional?: Readonly<Record<string, string>>;
}

/** What the calls need besides the way to Voxfree. */
export interface VoxfreeApiOptions {
	session: CredentialSession;
	/** The name in front of messages to contacts. */
	agentName: string;
	files: Downloads;
	/** Waits for a number of milliseconds. */
	wait(milliseconds: number): Promise<void>;
}
